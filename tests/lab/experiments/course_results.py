"""The course's own CIFAR-10 results as experiments: its nets, and the notebooks' figures, as arms."""

import torch

from lab.claims.outcomes import COURSE_SCALE
from lab.errors import LabError, NotAvailable
from lab.experiments.arms import Arm
from lab.experiments.curves import curves
from lab.experiments.recorded import NotRecorded, RecordedLaboratory
from lab.training.course_nets import RECIPES, published
from lab.training.course_training import train_course_net

CAP = 40  # seeds
METRIC = "test accuracy"
PIXELS = {"": "with CIFAR-10's own pixels (--download)", "JPEG": "with JPEG copies of CIFAR-10"}


class NeedsCourseScale(NotAvailable):
    """Training takes too long for the default scale."""


class OnlyDryRun(NotAvailable):
    """Two steps were made on random pictures: they decide nothing."""


class DryRun:
    """In the place of a laboratory: makes two steps of each net on random pictures, and decides nothing."""

    scale = "course"

    def __init__(self, device):
        self.device = device

    def compare(self, contrast, *question, **options):
        """Raises OnlyDryRun, or LabError where two steps end without a finite loss."""
        trained = [arm for arm in contrast if arm.reads_images]
        for arm in trained:
            two_steps(arm, self.device)
        raise OnlyDryRun(
            f"dry run: two steps of {' and of '.join(_net(arm) for arm in trained)} work on {self.device.type}; "
            "without --dry-run it is trained to a verdict"
        )

    def trials(self, arm, seeds):
        """As compare."""
        self.compare([arm])


def two_steps(arm, device):
    """Train an arm's net for two steps on random pictures. Raises LabError where they end without a finite loss."""
    short = {"epochs": 1} if "epochs" in arm.recipe else {}
    recipe = {**arm.recipe, **short, "steps": 2, "batch": 2, "data": "noise"}
    (metrics,) = arm.trial([0], data_dir=".", device=str(device), **recipe)
    if metrics["diverged"]:
        raise LabError(
            f"two steps of {_net(arm)} on {torch.device(device)} end without a finite loss: look for an error in its "
            "recipe"
        )


def _net(arm):
    return arm.recipe.get("net", arm.name)


def need_course_scale(laboratory, what):
    """Raises NeedsCourseScale at the default scale; `what` says what would be trained and for how long.

    A laboratory of recorded trials tells it where they don't decide.
    """
    lacking = f"{COURSE_SCALE}: {what}"
    if isinstance(laboratory, RecordedLaboratory):
        laboratory.lacking = lacking
    elif laboratory.scale != "course":
        raise NeedsCourseScale(lacking)


def need_pixels(laboratory, arm, lossy, what):
    """As need_course_scale, where a claim is about images that were compressed with loss so ("JPEG"), or not ("").

    Raises NeedsCourseScale where those that the arm would be trained on are others.
    """
    asked = f"{what}; {PIXELS[lossy]}"
    need_course_scale(laboratory, asked)
    if isinstance(laboratory, RecordedLaboratory):
        laboratory.lossy = lossy
    elif not isinstance(laboratory, DryRun) and laboratory.task(arm).images.lossy != lossy:
        raise NeedsCourseScale(f"{COURSE_SCALE}: {asked}; those in --data-dir are others")


def course_arm(net, epochs=10):
    """The arm of one of RECIPES."""
    return Arm(f"{net}, {epochs} epochs", train_course_net, net=net, epochs=epochs, mode=RECIPES[net].mode)


def single_runs(laboratory, net, most=8, fewest=5):
    """Test accuracies (%) of a net after ten epochs, of `most` seeds, or of as many as were recorded.

    Raises NotRecorded where fewer than `fewest` were.
    """
    for count in range(most, fewest - 1, -1):
        try:
            return [trial[METRIC] for trial in laboratory.trials(course_arm(net), list(range(count)))]
        except NotRecorded:
            if count == fewest:
                raise


def figure(percent):
    """The arm of a published accuracy: one value, whatever the seed."""
    return Arm(f"{percent} %", published, accuracy=percent)


def record_training(evidence, laboratory, comparison, *arms):
    """What course nets did: seconds of the first one to its target, the comparison, accuracies epoch by epoch."""
    recipe = arms[0].recipe
    taken = [trial["seconds to target"] for trial in laboratory.trials(arms[0], comparison.seeds)]
    target = RECIPES[recipe["net"]].target
    evidence.measured(f"seconds to {target} %", taken, convention="one a seed; training only")
    evidence.experiment(comparison)
    evidence.figure(
        "lines",
        "Test accuracy after each epoch, mean and range over the seeds",
        x=list(range(1, recipe["epochs"] + 1)),
        xlabel="epochs",
        ylabel="test accuracy, %",
        **curves(laboratory, arms, comparison.seeds, "accuracy curve"),
    )
