"""The trial of a record, made again by today's code."""
import pkgutil

from lab.data.pixel_statistics import pixel_statistic
from lab.experiments import Arm
from lab.experiments.records import FIRST_LOSSES
from lab.training.course_training import first_losses, train_course_net
from lab.training.sgd import train_classifier

# What another processor, which rounds otherwise, may change: losses of 20 steps; points of accuracy; a sum of pixels.
LOSSES, METRICS = 0.01, {train_course_net: None, train_classifier: 5, pixel_statistic: 1e-6}


def tolerance(record):
    """By how much another processor may miss what the record says."""
    return LOSSES if FIRST_LOSSES in record.metrics else METRICS[arm_of(record).trial]


def made_again(record, data_dir):
    """(what the record says, what this code finds), in numbers: losses of 20 batches where they were kept, else all."""
    arm = arm_of(record)
    if arm.trial is train_course_net:
        recipe = {name: value for name, value in arm.recipe.items() if name != "epochs"}
        return record.metrics[FIRST_LOSSES], first_losses(record.seed, data_dir=data_dir, **recipe)
    if FIRST_LOSSES in record.metrics:
        recipe = {**arm.recipe, "steps": len(record.metrics[FIRST_LOSSES]), "tested": 0}
        (found,) = arm.trial([record.seed], data_dir=data_dir, **recipe)
        return record.metrics[FIRST_LOSSES], found[FIRST_LOSSES]
    (found,) = arm.trial([record.seed], data_dir=data_dir, **arm.recipe)
    return list(numbers(record.metrics)), list(numbers({name: found[name] for name in record.metrics}))


def arm_of(record):
    """The arm that the record is of: functions and classes of lab stand in it by their names."""
    recipe = {name: _found(value) for name, value in record.recipe.items()}
    return Arm(record.arm, _found(record.trial), **recipe)


def _found(value):
    return pkgutil.resolve_name(value) if str(value).startswith("lab.") else value


def numbers(value):
    """All numbers of plain data, in order."""
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    else:
        yield value
