"""L1 at course scale: do windows and shared kernels still pay with 1,000 and 10,000 digits?

The nets of the ladder are those of test_1_overfitting.py. Steps and margins are from seeds from 1000, where windows
alone gained -2.0, -0.3 and -0.2 points from 100, 1,000 and 10,000 images, and sharing 9.6, 2.5 and 0.3.
"""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.models.small.hidden_layers import Convolutional, Full, Local
from lab.training.variations import train_varied

NETS = {"fully connected": Full, "locally connected": Local, "convolution": Convolutional}
GAINS = {"locality": ("locally connected", "fully connected"), "sharing": ("convolution", "locally connected")}
STEPS = {100: 100, 1000: 500, 10_000: 1500}     # images: steps of 50


def pair(what, images):
    """The arms with and without locality, or sharing, from so many images."""
    return [Arm(f"{net}, {images} images", train_varied, model=NETS[net], data="mnist", images=images, batch=50,
                steps=STEPS[images], lr=0.1) for net in GAINS[what]]


@claim("locality-or-sharing")
@pytest.mark.trained
@pytest.mark.parametrize("what, images", [
    pytest.param("locality", 100, id="locality, 100 images"),
    pytest.param("locality", 1000, id="locality, 1,000 images"),
    pytest.param("locality", 10_000, id="locality, 10,000 images"),
    pytest.param("sharing", 1000, id="sharing, 1,000 images",
                 marks=counterexample("a shared kernel gains 3 points")),
])
def test_locality_alone_pays_at_no_size(what, images, laboratory, evidence):
    """Windows alone gain less than 0.7 points, if they gain at all: from 100 digits, from 1,000 and from 10,000."""
    need_course_scale(laboratory, "5 to 40 pairs of small nets, 1 minute on a CPU core")
    more, less = pair(what, images)
    kept = laboratory.compare({less: +1, more: -1}, metric="test accuracy", margin=-0.7, cap=40)
    evidence.experiment(kept)
    evidence.figure("bars", "Test accuracy", **bars_of_means(kept), unit="%")

    assert kept.verdict == "confirmed"


@claim("locality-or-sharing")
@pytest.mark.trained
@pytest.mark.parametrize("what, images", [
    pytest.param("sharing", 100, id="sharing, 100 images against 1,000"),
    pytest.param("sharing", 1000, id="sharing, 1,000 images against 10,000"),
    pytest.param("locality", 1000, id="locality, 1,000 images against 10,000",
                 marks=counterexample("windows alone gain nothing that could shrink")),
])
def test_sharing_gains_less_from_more_data(what, images, laboratory, evidence):
    """From ten times the digits, sharing the kernel gains over 1 point less."""
    need_course_scale(laboratory, "5 to 40 nets of each kind from both sizes, 2 minutes on a CPU core")
    (more, less), (more_later, less_later) = pair(what, images), pair(what, 10 * images)
    shrinks = laboratory.compare({more: +1, less: -1, more_later: -1, less_later: +1}, metric="test accuracy",
                                 margin=1.0, cap=40)
    evidence.experiment(shrinks)
    evidence.figure("bars", "Test accuracy", **bars_of_means(shrinks), unit="%")

    assert shrinks.verdict == "confirmed"
