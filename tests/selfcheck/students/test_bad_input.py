"""Submissions in whatever state: each trouble is one sentence with the remedy, and what can be judged is judged."""

import zipfile

import pytest

from lab.students.grading import graded
from lab.students.results import gradescope
from lab.students.submission import LARGEST, BadSubmission, opened
from selfcheck.students.handed_in import TASKS, graded_here, written

RIGHT = "def batches_in_epoch(samples, batch_size, drop_last=False):\n    return -(-samples // batch_size)\n"
TASK = TASKS["batches_in_epoch"]  # of whose four cases RIGHT has three
PART = 1.5


@pytest.mark.parametrize("name, content, sentence", [
    pytest.param(None, b"", "mywork is empty: copy tests/students/adapters.py into it", id="empty folder"),
    pytest.param("notes.txt", b"?", "mywork is empty: copy tests/students/adapters.py into it", id="no Python"),
    pytest.param("exercise.ipynb", b"{}", "mywork holds a notebook, which is not read: copy", id="notebook"),
    pytest.param("other.py", b"x = 1", "mywork has no adapters.py, but other.py: rename the file", id="another file"),
    pytest.param("data.bin", bytes(LARGEST + 1), "mywork holds more than 20 MB or 500 files: hand in", id="21 MB"),
])
def test_where_nothing_can_be_judged_a_sentence_says_why(name, content, sentence, tmp_path):
    work = written(tmp_path, content, name or "empty")
    if name is None:
        (work / "empty").unlink()

    with pytest.raises(BadSubmission, match=sentence):
        graded(work, [TASK])


@pytest.mark.parametrize("content, sentence", [
    pytest.param(RIGHT + "def lenet(:\n", "adapters.py, line 3 is no Python 3", id="syntax error"),
    pytest.param(f"name = '批次'\n{RIGHT}".encode("gbk"), "isn't UTF-8 text: save it as UTF-8", id="GBK"),
    pytest.param(RIGHT.encode("utf-16"), "save it as UTF-8", id="UTF-16"),
    pytest.param(RIGHT + "exit()\n", "adapters.py, line 3 fails when it is imported (SystemExit", id="exit()"),
])
def test_a_file_that_cannot_be_imported_is_told_with_its_line(content, sentence, tmp_path):
    found = graded(written(tmp_path, content), [TASK])

    assert found.score == 0 and [sentence in remark for remark in found.remarks] == [True]
    assert gradescope(found)["output"] == found.remarks[0] and sentence not in str(gradescope(found)["tests"])


@pytest.mark.parametrize("content, sentence", [
    pytest.param("import cv2\nfrom gone.core import frame as f\n", "cv2 is not installed here", id="import"),
    pytest.param("from mine import ceiling\n", "mine is not installed here", id="forgotten file"),
])
def test_what_does_not_need_a_missing_package_is_judged(content, sentence, tmp_path):
    found = graded(written(tmp_path, content + RIGHT), [TASK])

    assert found.score == PART and found.remarks[0].startswith(sentence)


@pytest.mark.parametrize("name", ["adapter.py", "adapters (1).py", "我的作业.py", "Adapters.py"])
def test_a_file_of_another_name_is_taken_and_told(name, tmp_path):
    with opened(written(tmp_path, RIGHT, name), TASKS) as (folder, remarks):
        assert (folder / "adapters.py").read_text() == RIGHT
        assert remarks == [f"{name} was taken for adapters.py: rename it."]


def packed(folder, encoding="utf-8"):
    """A zip of a folder in a folder, with Chinese file names; Windows packs them in GBK and doesn't say so."""
    names = {"AAAA/adapters.py": "from 作业 import batches_in_epoch\n", "AAAA/BBBB.py": RIGHT}
    path = folder / "提交.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in names.items():
            archive.writestr(name if encoding == "gbk" else name.replace("AAAA", "提交").replace("BBBB", "作业"), text)
    if encoding == "gbk":
        data = path.read_bytes().replace(b"AAAA", "提交".encode("gbk")).replace(b"BBBB", "作业".encode("gbk"))
        path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_zip_with_chinese_names_is_unpacked(encoding, tmp_path):
    with opened(packed(tmp_path, encoding), TASKS) as (folder, remarks):
        assert sorted(path.name for path in folder.iterdir()) == ["adapters.py", "作业.py"] and not remarks


def test_a_zip_that_leads_out_of_its_folder_stays_in(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as archive:
        archive.writestr("../../escaped.py", "x = 1")
        archive.writestr(str(tmp_path / "escaped.py"), "x = 1")
        archive.writestr("adapters.py", RIGHT)

    with opened(tmp_path / "up.zip", TASKS) as (folder, _):
        assert [path.name for path in folder.iterdir()] == ["adapters.py"] and not list(tmp_path.glob("escaped.py"))


def test_a_damaged_zip_is_told(tmp_path):
    path = packed(tmp_path)
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)

    with pytest.raises(BadSubmission, match=r"提交.zip (can't be unpacked|is neither)"):
        graded(path, [TASK])


@pytest.mark.parametrize("text", [
    pytest.param("def batches_in_epoch():\n    return 1\n", id="other arguments"),
    pytest.param("batches_in_epoch = 7\n", id="no function"),
    pytest.param("def batches_in_epoch(*args, **options):\n    return object()\n", id="an object"),
    pytest.param("def batches_in_epoch(*args, **options):\n    return float('nan')\n", id="not a number"),
    pytest.param("def batches_in_epoch(*args, **options):\n    return [[1], [2, 3]]\n", id="a ragged list"),
    pytest.param("def batches_in_epoch(*args, **options):\n    return None\n", id="nothing"),
    pytest.param("def batches_in_epoch(*args, **options):\n    return 10**400\n", id="a huge number"),
    pytest.param("import torch\ndef batches_in_epoch(*args, **told):\n    return torch.empty(10**5)\n", id="a tensor"),
    pytest.param("import torch\ndef batches_in_epoch(*args, **told):\n    return torch.empty(10**7)\n", id="a huge"),
])
def test_an_answer_of_another_kind_is_wrong_and_never_broken(text):
    grade = graded_here(text, [TASK])[TASK.adapter]

    assert (grade.word, grade.score) == ("wrong", 0)


@pytest.mark.parametrize("adapter, text", [
    pytest.param("lenet", "def lenet():\n    return 7\n", id="a number for a module"),
    pytest.param("lenet", "from torch import nn\ndef lenet():\n    return nn.Conv2d\n", id="a class"),
    pytest.param("lenet", "from torch import nn\ndef lenet():\n    return nn.Identity()\n", id="no layers"),
    pytest.param("eca", "from torch import nn\ndef eca(c):\n    return nn.Linear(2, 10**5)\n", id="a large layer"),
    pytest.param("shuffle_pixels", "def shuffle_pixels(images, seed):\n    return images[0]\n", id="one image"),
    pytest.param("shuffle_pixels", "def shuffle_pixels(images, seed):\n    return images * 0.5\n", id="other values"),
    pytest.param("test_accuracy", "def test_accuracy(*told):\n    return '90 %'\n", id="a text"),
    pytest.param("dataset_mean_std", "def dataset_mean_std(images):\n    return images\n", id="the images"),
])
def test_a_module_of_another_kind_is_told_in_a_row(adapter, text):
    grade = graded_here(text, [TASKS[adapter]])[adapter]

    assert grade.word in {"wrong", "partial"} and grade.rows
