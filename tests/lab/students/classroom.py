"""All submissions of a class: each graded once, its results written as soon as they are known."""

from concurrent.futures import ThreadPoolExecutor, as_completed

from lab.report.files import check_writable, replace_files
from lab.report.page import as_json
from lab.students import kept, results
from lab.students.grading import graded, ungraded
from lab.students.pages import submission_page
from lab.students.submission import BadSubmission


def entries(folder):
    """({name: path} of the submissions in a folder, [names of what is none])."""
    found, others = {}, []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() or path.suffix in (".zip", ".py"):
            found[path.name if path.is_dir() or path.stem in found else path.stem] = path
        else:
            others.append(path.name)
    return found, others


def grade_all(submissions, course, folder, workers, form="gradescope", language="en"):
    """Yield (name, Graded, was it kept from before?) of each submission, in the order in which they come to an end.

    submissions: {name: path}; folder: a folder of each student's is made in it, with results in this form and a page.
    """
    checks = kept.checks_key(course.tasks)

    def grade(name, path):
        own, key, before = folder / name, "", None
        try:
            key = kept.submission_key(path, checks)
            before = kept.read(own, key, course.tasks)
            found = before or graded(path, course.tasks)
        except BadSubmission as error:
            found = ungraded(course.tasks, str(error))
        except OSError as error:
            found = ungraded(course.tasks, f"{path.name} can't be read ({error.strerror}): hand it in anew.")
        check_writable(own)
        file, told = results.FORMATS[form]
        texts = {kept.NAME: kept.as_text(found, key), file: as_json(told(found, language))}
        replace_files(own, {"index.html": submission_page(found, course, language), **texts})
        return name, found, before is not None

    with ThreadPoolExecutor(workers) as pool:
        try:
            for done in as_completed([pool.submit(grade, *one) for one in submissions.items()]):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)
