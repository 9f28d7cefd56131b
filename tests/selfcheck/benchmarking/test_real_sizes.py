"""The table of costs at its real sizes, with nothing computed: devices that mix, bytes, and tensors too large to count.

Claims about cost run at their real sizes in test_claims_on_cards. A compiled row or one of a CUDA graph launches other
kernels on the same tensors, so its plain twin stands for it.
"""
from contextlib import contextmanager

import pytest
import torch

from benchmarks.test_throughput import WANTED
from lab.benchmarking.rows import Row
from lab.benchmarking.workloads import NETWORKS, Network, network_step
from lab.device import MODES
from selfcheck.benchmarking.simulated.cards import CARDS
from selfcheck.benchmarking.simulated.cuda import TooManyElements, simulated_cuda
from selfcheck.benchmarking.simulated.plugin import CONTEXT

CUDA = torch.device("cuda")
STAND_INS = {4: "float32", 2: "bf16 autocast, channels_last"}       # by bytes of a number in products


@contextmanager
def simulated_h100():
    """Its Launches."""
    with pytest.MonkeyPatch.context() as patch, simulated_cuda(patch) as (launches, be):
        be(CARDS["H100"])
        yield launches


@pytest.fixture
def launches():
    with simulated_h100() as launches:
        yield launches


def largest(rows):
    """Of rows that differ in batch and mode only, one of the most images, for each number of bytes."""
    found = {}
    for row in rows:
        size = MODES[row.mode].dtype.itemsize
        alike = row.network, row.training, size
        if alike not in found or found[alike].batch < row.batch:
            found[alike] = Row(row.network, row.batch, STAND_INS[size], row.training, row.side)
    return set(found.values())


UP_TO_64, ALL = largest(row for row in WANTED if row.batch <= 64), largest(WANTED)


@pytest.fixture(scope="module")
def peaks():
    """Bytes that each of these rows needs at once, weights and images included."""
    found = {}
    with simulated_h100() as launches:
        for row in UP_TO_64 | ALL:
            launches.memory.peak = before = launches.memory.bytes
            step, _ = network_step(row.network, row.batch, CUDA, row.side, MODES[row.mode], row.training)
            step()
            found[row] = launches.memory.peak - before
    return found


@pytest.mark.parametrize("card, rows, halved", [
    pytest.param("T4", UP_TO_64, set(), id="T4, up to 64 images"),
    pytest.param("A100", ALL, {"Inception v3", "ResNet-50", "ResNet-152", "ViT-B/16"}, id="A100"),
    pytest.param("H100", ALL, {"ResNet-152"}, id="H100"),
])
def test_a_card_has_room_for_its_rows(card, rows, halved, peaks):
    """Those that are halved train in float32 at a batch of 512."""
    too_large = {row.title for row in rows if peaks[row] > CARDS[card].memory - CONTEXT}

    assert too_large == {f"{name}, training, float32, batch 512" for name in halved}


def test_a_tensor_of_more_than_2_31_elements_is_named(launches):
    """U-Net's first maps at the batch that its rows had before."""
    with pytest.raises(TooManyElements, match=r"\(512, 64, 570, 570\): take a smaller batch"):
        network_step("U-Net", 512, CUDA)


class Forgetful(torch.nn.Module):
    """A table of positions that is neither a parameter nor a buffer, so it stays behind on the CPU."""

    def __init__(self):
        super().__init__()
        self.positions, self.layer = torch.zeros(3, 8, 8), torch.nn.Conv2d(3, 10, 8)

    def forward(self, images):
        return self.layer(images + self.positions).flatten(1)


def test_a_tensor_left_on_the_cpu_is_refused(launches, monkeypatch):
    monkeypatch.setitem(NETWORKS, "forgetful", Network(Forgetful, 8))
    with pytest.raises(RuntimeError, match="on the same device, but aten.add.Tensor got some on cuda, some on cpu"):
        network_step("forgetful", 2, CUDA)


@pytest.mark.parametrize("mode, expected", [
    ("float32", {torch.float32}), ("bf16 autocast", {torch.bfloat16}), ("fp16 autocast", {torch.float16})])
def test_products_are_in_the_numbers_of_the_mode(mode, expected, launches):
    step, _ = network_step("LeNet", 5, CUDA, mode=MODES[mode], training=True)
    products = [kernel for kernel in launches.of(step) if kernel.flops]

    assert {kernel.half for kernel in products} == {expected != {torch.float32}}
    assert len(products) == 3 * 5 - 1       # of five layers three each in training, but for the first one's input


def test_peak_memory_is_what_training_keeps(launches):
    """Two linear layers without biases: weights, their gradients, images, and what the layers put out and keep."""
    sizes, batch = (1024, 2048, 512), 4096
    linear = [torch.nn.Linear(*pair, bias=False).to(CUDA) for pair in zip(sizes, sizes[1:])]
    images = torch.rand(batch, sizes[0], device=CUDA)
    output = torch.nn.Sequential(*linear)(images)
    weights, maps = 1024 * 2048 + 2048 * 512, batch * sum(sizes)

    assert launches.memory.bytes == 4 * (weights + maps)
    output.sum().backward()
    assert launches.memory.peak >= 4 * (weights + maps + batch * 2048 + 2048 * 512)    # gradients of the last layer
    del images, output
    assert launches.memory.bytes == 4 * 2 * weights
