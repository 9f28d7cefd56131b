"""pytest plugin: claims about a data set that this machine lacks are answered by what was measured where it was."""

import pytest

from lab.claims.plugin import RECORDS
from lab.data import DataMissing, needed
from lab.data.datasets import describe
from lab.data.pixel_statistics import pixel_statistic
from lab.experiments.arms import Arm, Task
from lab.experiments.plugin import RECORDER, auditing
from lab.experiments.recorded import RecordedLaboratory
from lab.experiments.recorder import Keeping


@pytest.fixture
def records_of(request, records, data_dir):
    """records_of(a data set's name): the records made on it where it is absent; None where it is there.

    Raises DataMissing under an audit, which is about this run's laboratory.
    """

    def found(name):
        try:
            needed(name, data_dir)
        except DataMissing as error:
            if auditing(request.config):
                raise
            request.node.stash[RECORDS] = RecordedLaboratory(records, str(error), name)
            return request.node.stash[RECORDS]

    return found


@pytest.fixture
def laboratory_with(request, laboratory, records_of):
    """laboratory_with("mnist"): the laboratory where this data set is, elsewhere one of records made on it."""
    recorder = request.config.stash[RECORDER]
    here = Keeping(laboratory, recorder) if recorder else laboratory
    return lambda name: records_of(name) or here


@pytest.fixture
def statistic_of(request, records_of, data_dir):
    """statistic_of(grey_values, "cifar10"): what a function says of a data set's training images, or said of them."""
    recorder = request.config.stash[RECORDER]

    def value(statistic, name):
        arm = Arm(f"{statistic.__name__}, {name}", pixel_statistic, data=name, statistic=statistic)
        recorded = records_of(name)
        if recorded:
            return recorded.trials(arm, [0])[0]["value"]
        task = Task(arm, data_dir)
        (found,) = task.run([0])
        request.node.user_properties.append(("data", describe(task.images)))
        if recorder and name != "handwritten":  # of which there are some on every machine
            recorder(task, 0, found)
        return found["value"]

    return value
