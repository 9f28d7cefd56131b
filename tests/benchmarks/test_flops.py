"""Multiply-adds and activations of the lecture's networks, theory against fvcore, and what a layer does for each byte.

Conventions: multiply-adds (one is two FLOPs) of one image, forward, without biases. Activations: numbers that
convolutions, linear layers and attention's products write. Theory reads each layer's own sizes.
"""
import pytest

from lab.benchmarking.roofline import KINDS, layer_work
from lab.benchmarking.workloads import NETWORKS
from lab.counting.layer_counts import fvcore_counts, theory_counts
from lab.counting.meta_device import weightless, with_zeros

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("device")]
SMALL = {"Inception v3": 75, "U-Net": 188, "ViT-B/16": 224}     # the smallest that they accept: tracing takes time


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_fvcore_counts_what_theory_says(name, benchmark):
    """Each kind of layer of a network: multiply-adds and activations by formula, and as fvcore traces them."""
    network = NETWORKS[name]
    side = SMALL.get(name, min(network.side, 64))
    with weightless():
        model = network.builder().eval()
    counted = benchmark.pedantic(fvcore_counts, args=(with_zeros(model), network.image(1, side)), rounds=1)
    benchmark.extra_info["at its own size"] = theory_counts(model, network.image(1))

    assert counted == theory_counts(model, network.image(1, side))


@pytest.mark.parametrize("kind, multiply_adds, numbers_moved", [
    pytest.param("3x3 convolution", 9 * 256 * 256 * 28**2, 2 * 256 * 28**2 + 9 * 256 * 256, id="3x3"),
    pytest.param("1x1 convolution", 256 * 256 * 28**2, 2 * 256 * 28**2 + 256 * 256, id="1x1"),
    pytest.param("3x3 convolution, 32 groups", 9 * 8 * 256 * 28**2, 2 * 256 * 28**2 + 9 * 8 * 256, id="32 groups"),
    pytest.param("depthwise 3x3 convolution", 9 * 256 * 28**2, 2 * 256 * 28**2 + 9 * 256, id="depthwise"),
    pytest.param("fully connected layer", 4096**2, 2 * 4096 + 4096**2, id="fully connected"),
    pytest.param("attention", 12 * 2 * 197**2 * 64, 12 * 4 * 197 * 64, id="attention"),
])
def test_intensity_is_work_over_traffic(kind, multiply_adds, numbers_moved, device, keep_rounds):
    """Multiply-adds for each byte of input, weights and output, one image, float32."""
    layer = KINDS[kind]
    timing = layer_work(kind, layer.build, layer.shapes, 1).measured(device)
    keep_rounds(timing.seconds, **{"multiply-adds for each byte": layer.intensity(batch=1) / 2})

    assert layer.multiply_adds(batch=1) == multiply_adds
    assert layer.bytes_moved(batch=1) == 4 * numbers_moved
    assert layer.intensity(batch=1) == 2 * multiply_adds / (4 * numbers_moved)


@pytest.mark.parametrize("kind, weights, maps", [
    pytest.param("3x3 convolution", 9 * 256 * 256, 2 * 256 * 28**2, id="3x3"),                     # 2.0 times as much
    pytest.param("fully connected layer", 4096**2, 2 * 4096, id="fully connected"),                # 7.0 times
    pytest.param("attention", 0, 4 * 12 * 197 * 64, id="attention"),                               # 1.0: no weights
])
def test_a_batch_shares_the_weights(kind, weights, maps):
    """Seven images read the weights once: where those are most of the traffic, a byte gets seven times the work."""
    growth = KINDS[kind].intensity(batch=7) / KINDS[kind].intensity(batch=1)

    assert growth == pytest.approx((weights + maps) / (weights / 7 + maps))
