"""What the page says of a statement besides its words: origin, kinds, and a summary of its evidence."""

from markupsafe import Markup

from lab.report.language.numbers import moment
from lab.report.language.words import ORIGINS, in_both


def origin_line(statement):
    """Markup of whose words a statement is in, and where they stand."""
    return in_both(_origin, statement)


def kind_line(statement):
    """Markup of the kinds of evidence that a statement needs."""
    return in_both(_kinds, statement)


def evidence_line(statement):
    """Markup of how many tests of a statement ended how, what was left out, and how long they took."""
    return in_both(_evidence, statement)


def earlier_line(statement):
    """Markup of the earlier runs that a statement's evidence comes from, and of what differed there."""
    return in_both(_earlier, statement)


def _origin(statement, say):
    place = say(", ") + say.of(statement["place"]) if statement["place"] else ""
    return say("Origin:") + " " + say(ORIGINS[statement["origin"]][0]) + place


def _kinds(statement, say):
    kinds = say("Kind of evidence") + say(": ") + say(", ").join(map(say, statement["kind"]))
    if not statement["spells"]:
        return kinds
    (verdict, times, since), *before = statement["spells"]
    parts = [say(verdict) + f" ×{times}" + (" (" + say("since") + f" {moment(since)})" if before else "")]
    parts += [say(verdict) + f" ×{times} ({moment(since)})" for verdict, times, since in before]
    return kinds + say(". ") + say("Verdicts of the last runs") + say(": ") + say(", ").join(parts)


def _earlier(statement, say):
    runs = say(", ").join(statement["earlier"])
    if not statement["stale"]:
        return say("Found by the run of {runs}.", runs=runs)
    differing = say(", ").join(say(word) for word in statement["stale"])
    return say("Stale: found by the run of {runs}; different since then: {differing}.", runs=runs, differing=differing)


def _evidence(statement, say):
    parts = [f"{count} {say(outcome)}" for outcome, count in statement["outcomes"]]
    if statement["left_out"]:
        parts.append(say.many("{n} claim left out", "{n} claims left out", len(statement["left_out"])))
    parts += filter(None, [statement["duration"]])
    return say("Evidence") + Markup("<span class=small>{}</span>").format("".join(f" · {part}" for part in parts))
