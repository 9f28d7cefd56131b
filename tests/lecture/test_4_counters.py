"""L4: what a FLOP is depends on who counts, and each disagreement has a reason that can be measured."""

from functools import partial

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.counting.backbones import SURVEY
from lab.counting.counter_comparison import counts, fvcore_items, printed, torch_flops, torch_flops_really_run

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # fvcore calls it

BACKBONES = {backbone.family: backbone for backbone in SURVEY}
BARE = partial(nn.Conv2d, 3, 7, kernel_size=3, bias=False)
OURS, FVCORE = "ours (multiply-adds)", "fvcore (multiply-adds)"
NORMS_AND_POOLING = {"batch_norm", "layer_norm", "adaptive_avg_pool2d"}  # fvcore's names
VIT_ATTENTION = 12 * 2 * 197**2 * 768  # layers x (QK^T and AV) x tokens^2 x width of ViT-B/16


def each_backbone(*values, skip=()):
    """One case for each family of the survey: (builder, *values)."""
    return [pytest.param(one.builder, *values, id=family) for family, one in BACKBONES.items() if family not in skip]


@claim("counters-agree-on-flops")
@pytest.mark.parametrize("networks", [
    pytest.param({f"{one.family}, {one.giga_multiply_adds} G published": one.builder for one in SURVEY},
                 id="eleven backbones"),
    pytest.param({"one convolution": BARE}, id="one convolution",
                 marks=counterexample("without bias, normalisation, pooling and tokens three of the four agree")),
])
def test_four_counters_print_four_numbers(networks, evidence):
    """For every backbone, four counters print four different numbers."""
    rows = {name: printed(builder) for name, builder in networks.items()}
    for name, numbers in rows.items():
        evidence.measured(name, list(numbers.values()), convention="; ".join(numbers))
    shares = [[numbers[counter] / numbers[OURS] for numbers in rows.values()] for counter in numbers]
    evidence.figure("bars", "What each counter prints for one image, as a multiple of ours", labels=list(rows),
                    groups=list(numbers), values=shares, unit="times our multiply-adds")

    assert all(len(set(numbers.values())) == len(numbers) for numbers in rows.values())


@claim("counters-agree-on-flops")
@pytest.mark.parametrize("builder, count_flops", [
    *each_backbone(torch_flops),
    pytest.param(BACKBONES["ViT"].builder, torch_flops_really_run, id="ViT really run, without gradients",
                 marks=counterexample("fused kernels hide attention and its projections from FlopCounterMode")),
])
def test_torch_counts_two_flops_a_multiply_add(builder, count_flops, evidence):
    """torch's FlopCounterMode counts what we count, each multiply-add as two FLOPs."""
    flops, multiply_adds = count_flops(builder), counts(builder).ours
    evidence.measured("FLOPs of FlopCounterMode", flops, expected=2 * multiply_adds, convention="2 x multiply-adds")

    assert flops == 2 * multiply_adds


@claim("counters-agree-on-flops")
@pytest.mark.parametrize("builder, fused", [
    *each_backbone(0, skip=["ViT"]),
    pytest.param(BACKBONES["ViT"].builder, VIT_ATTENTION, id="ViT with its attention added"),
    pytest.param(BACKBONES["ViT"].builder, 0, id="ViT",
                 marks=counterexample("fvcore has no formula for the fused attention, 0.715 of 17.564 G")),
])
def test_fvcore_adds_normalisation_and_pooling_and_misses_fused_attention(builder, fused, evidence):
    """fvcore counts normalisation and pooling too, and no fused attention; for the rest it agrees with us."""
    items = fvcore_items(builder)
    rest = sum(number for operation, number in items.items() if operation not in NORMS_AND_POOLING)
    evidence.measured("fvcore, by operation", list(items.values()), unit="multiply-adds", convention="; ".join(items))
    evidence.measured("convolutions and products of fvcore, and fused attention", rest + fused, counts(builder).ours)

    assert rest + fused == counts(builder).ours


@claim("counters-agree-on-flops")
@pytest.mark.parametrize("builder, by_position", [
    *each_backbone(nn.Conv2d),
    pytest.param(BACKBONES["ViT"].builder, (nn.Conv2d, nn.Linear), id="ViT, linear layers at each token",
                 marks=counterexample("torchinfo takes a linear layer once, however many of 197 tokens pass it")),
])
def test_torchinfo_counts_linear_layers_at_one_token(builder, by_position, evidence):
    """torchinfo takes a convolution's parameters at each position, all others once an image, and no attention."""
    found, ours = counts(builder).torchinfo, counts(builder).ours
    predicted = sum(parameters * (positions if issubclass(kind, by_position) else 1)
                    for kind, parameters, positions in counts(builder).layers)
    evidence.measured("torchinfo", found, predicted, unit="multiply-adds", convention="biases and norms too, once")
    evidence.measured("share of the multiply-adds that torchinfo sees", found / ours)

    assert found == predicted


@claim("counters-agree-on-flops")
@pytest.mark.parametrize("family, counter", [
    pytest.param("DenseNet", OURS, id="torchvision's DenseNet-121 by ours"),
    pytest.param("SENet", FVCORE, id="timm's SE-ResNet-50 by fvcore"),
    pytest.param("DenseNet", FVCORE, id="torchvision's DenseNet-121 by fvcore",
                 marks=counterexample("torchvision leaves normalisation out")),
    pytest.param("SENet", OURS, id="timm's SE-ResNet-50 by ours",
                 marks=counterexample("timm's figure includes normalisation and pooling")),
])
def test_a_published_figure_follows_its_librarys_counter(family, counter, evidence):
    """torchvision publishes multiply-adds of convolutions and products, timm those of fvcore with normalisation."""
    backbone = BACKBONES[family]
    giga = round(printed(backbone.builder)[counter] / 1e9, backbone.digits)
    evidence.measured(backbone.name, giga, expected=backbone.giga_multiply_adds, unit="10^9 multiply-adds",
                      convention=counter, source=backbone.source)

    assert giga == backbone.giga_multiply_adds
