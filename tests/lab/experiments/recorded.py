"""A laboratory that measures nothing: it compares what was measured before, here or on another machine."""

from dataclasses import replace

from lab.errors import NotAvailable
from lab.experiments.comparison import compared
from lab.experiments.laboratory import check
from lab.statistics.decisions import NOMINAL_ALPHA


class NotRecorded(NotAvailable):
    """There is no record of a trial, or records don't decide."""


class Recorded:
    """What answers a test from records. lacking: what this run lacks, which a test is told that records don't answer.

    used: {a record's place: (the record, the modules that it was made by)} of those that answered.
    """

    def __init__(self, lacking=""):
        self.lacking, self.used = lacking, {}

    @property
    def origin(self):
        """Where the records come from that the test was answered by, in words; "" if by none."""
        if not self.used:
            return ""
        facts = _facts(self.used.values())
        made_by = f" (made by other code: {facts['other_code']})" if facts["other_code"] else ""
        days = " – ".join(dict.fromkeys([facts["first"], facts["last"]]))
        return f"recorded trials: {facts['trials']}{made_by}; {days}; {' and '.join(facts['machines'])}"


class RecordedLaboratory(Recorded):
    """Compares recorded trials of the seeds 0, 1, ..., by the rule that Laboratory.compare adds seeds by.

    data: the name of the data set that they must be of; lossy: how it must have been compressed with loss ("" if not
    at all); None for any.
    """

    def __init__(self, records, lacking="", data=None):
        super().__init__(lacking)
        self.records, self.data, self.lossy = records, data, None

    def compare(self, contrast, metric, margin, rule="gain", alpha=NOMINAL_ALPHA, cap=32):
        """As Laboratory.compare; raises NotRecorded where the recorded trials end before the rule decides."""
        check(contrast, margin, rule)
        for count in range(1, cap + 1):
            seeds = list(range(count))
            trials = {arm: self.trials(arm, seeds) for arm in contrast}
            comparison = compared(contrast, trials, metric, margin, rule, alpha, seeds, data=None)
            if comparison.verdict != "undecided":
                ((first, _), *_) = self.used.values()
                return replace(comparison, data=first.data, recorded=_facts(self.used.values()))
        raise NotRecorded(self.lacking)

    def trials(self, arm, seeds):
        """The arm's dicts of metrics, in the order of `seeds`; raises NotRecorded where one is missing.

        An arm that reads no data set and doesn't take long, such as a published figure, needs no record.
        """
        records = [self._find(arm, seed) for seed in seeds]
        if None in records and not (arm.time_limit or arm.reads_images):
            return arm.trial(seeds, data_dir=None, **arm.recipe)
        if None in records:
            raise NotRecorded(self.lacking)
        self.used.update({record.place: (record, arm.modules) for record in records})
        return [record.trial_metrics for record in records]

    def _find(self, arm, seed):
        record = self.records.find(arm, seed, self.data)
        fits = record and (self.lossy is None or (record.data or {}).get("lossy", "") == self.lossy)
        return record if fits else None


def _facts(found):
    """Of pairs (record, modules): machines, days, how many there are, and how many of them other code made."""
    days = sorted(record.made for record, _ in found)
    return {
        "machines": sorted({record.machine for record, _ in found}),
        "first": days[0],
        "last": days[-1],
        "trials": len(days),
        "other_code": sum(record.made_by_other_code(modules) for record, modules in found),
    }
