"""What tests asked of a machine, each answer kept as a record, and tests that are answered by such records."""

import ast
import hashlib
import inspect
from dataclasses import dataclass
from datetime import date
from textwrap import dedent

from lab.execution.environment import environment
from lab.experiments.recorded import NotRecorded, Recorded
from lab.experiments.records import Record


@dataclass(frozen=True)
class Asker:
    """A test that asks questions of a machine: its id, a digest of its code, and the class of lab that answers."""

    test: str
    code: str
    kind: type

    @classmethod
    def of(cls, item, kind):
        """Of a pytest item. What the test says of itself in words is no part of its code."""
        (function,) = ast.parse(dedent(inspect.getsource(item.function))).body
        if ast.get_docstring(function) is not None:
            del function.body[0]
        return cls(item.nodeid, hashlib.sha256(ast.dump(function).encode()).hexdigest()[:16], kind)

    @property
    def answered_by(self):
        """The class by name, as a record's trial."""
        return f"{self.kind.__module__}.{self.kind.__qualname__}"

    def record(self, question, answer, device, machine):
        """The record of an answer that was given today. device: of PyTorch; machine: in words."""
        conditions = environment({self.kind.__module__}, None, str(device))
        name = conditions["device"]
        recipe = {"test": self.test, "code": self.code, "question": question, "device": name}
        today = date.today().isoformat()
        return Record(f"costs on {name}", self.answered_by, recipe, 0, conditions, None, machine, today, answer)


class KeptAnswers:
    """Has questions answered by measuring, and keeps the answers."""

    def __init__(self, asker, recorder, device):
        self.asker, self.recorder, self.device = asker, recorder, device

    def __call__(self, question, measure):
        """What `measure()` returns, plain data."""
        answer = measure()
        self.recorder.add(self.asker.record(question, answer, self.device, self.recorder.machine))
        return answer


class RecordedAnswers(Recorded):
    """Answers a test's questions as one machine answered them before: a GPU, if there is one."""

    def __init__(self, asker, records, lacking=""):
        super().__init__(lacking)
        mine = [
            record
            for record in records.of_trial(asker.answered_by)
            if (record.recipe["test"], record.recipe["code"]) == (asker.test, asker.code)
        ]
        self._name = min((record.recipe["device"] for record in mine), key="cpu".__eq__, default=None)
        self._found = {one.recipe["question"]: one for one in mine if one.recipe["device"] == self._name}
        self._modules = {asker.kind.__module__}

    @property
    def device(self):
        """ "cpu" or "cuda": what answered. Raises NotRecorded where nothing did."""
        if not self._found:
            raise NotRecorded(self.lacking)
        return "cpu" if self._name == "cpu" else "cuda"

    def __call__(self, question, measure):
        """The recorded answer; nothing is measured. Raises NotRecorded."""
        if question not in self._found:
            raise NotRecorded(self.lacking)
        record = self._found[question]
        self.used[record.place] = record, self._modules
        return record.metrics
