"""Does a right module earn its points however it is written, and is no misconception named that isn't there?"""

import math

import pytest
import torch

from lab.students.judging import as_tensor, difference
from selfcheck.students.handed_in import TASKS, graded_here

HEAD = "import torch\nfrom torch import nn\n\n\n"
LAZY = HEAD + """
def two_3x3(channels):
    net = nn.Sequential()
    net.second = nn.LazyConv2d(channels, 3, padding=1)
    net.relu = nn.ReLU(inplace=True)
    net.first = nn.LazyConv2d(channels, 3, padding="same", bias=False)
    return net
"""
POOLED_FIRST = HEAD + """
def layer(ins, outs, k):
    return nn.Sequential(nn.Conv2d(ins, outs, k, padding=k // 2), nn.ReLU())


class Module(nn.Module):
    def __init__(self, ins, one, reduce3, three, reduce5, five, projection):
        super().__init__()
        self.d = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), layer(ins, projection, 1))
        self.c = nn.Sequential(layer(ins, reduce5, 1), layer(reduce5, five, 5))
        self.b = nn.Sequential(layer(ins, reduce3, 1), layer(reduce3, three, 3))
        self.a = layer(ins, one, 1)

    def forward(self, x):
        d, c, b, a = self.d(x), self.c(x), self.b(x), self.a(x)
        return torch.cat([a, b, c, d], dim=1)


def inception_module(*widths):
    return Module(*widths)
"""
SHORTCUT_FIRST = HEAD + """
class Block(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        self.out = nn.Sequential(nn.Conv2d(ins, outs, 3, stride, padding=1), nn.BatchNorm2d(outs), nn.ReLU(),
                                 nn.Conv2d(outs, outs, 3, padding=1), nn.BatchNorm2d(outs))
        self.skip = nn.Sequential(nn.Conv2d(ins, outs, 1, stride), nn.BatchNorm2d(outs)) if stride > 1 else None

    def forward(self, x):
        kept = x if self.skip is None else self.skip(x)
        return torch.relu(kept + self.out(x))


def residual_stage(ins, outs, blocks):
    return nn.Sequential(*(Block(outs if i else ins, outs, 1 if i else 2) for i in range(blocks)))
"""
AS_PUBLISHED = HEAD + """
class Attention(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(2, 1, 7, padding=3, bias=False), nn.BatchNorm2d(1)
        self.two = nn.Sequential(nn.Linear(channels, channels // reduction), nn.ReLU(),
                                 nn.Linear(channels // reduction, channels))

    def forward(self, x):
        x = x * torch.sigmoid(self.two(x.mean(dim=(2, 3))) + self.two(x.amax(dim=(2, 3))))[:, :, None, None]
        seen = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.bn(self.conv(seen)))


def cbam(channels, reduction=16):
    return Attention(channels, reduction)
"""


@pytest.mark.parametrize("adapter, text", [
    pytest.param("cbam", AS_PUBLISHED, id="BatchNorm in the spatial gate, as the authors' code has it"),
    pytest.param("two_3x3", LAZY, id="lazy layers, one without bias, names exchanged"),
    pytest.param("inception_module", POOLED_FIRST, id="branches defined and run in another order"),
    pytest.param("residual_stage", SHORTCUT_FIRST, id="shortcut before the branch"),
])
def test_a_right_module_is_full_however_it_is_written(adapter, text):
    assert graded_here(text, [TASKS[adapter]])[adapter].word == "full"


@pytest.mark.parametrize("adapter, text", [
    pytest.param("inception_module", "def inception_module(*widths):\n    raise RuntimeError('boom')\n", id="an error"),
    pytest.param("lenet", HEAD + "def lenet():\n    return nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))\n",
                 id="a fully connected net"),
    pytest.param("batches_in_epoch", "def batches_in_epoch(*told, **more):\n    return 1\n", id="a number"),
])
def test_no_misconception_is_named_that_is_not_there(adapter, text):
    grade = graded_here(text, [TASKS[adapter]])[adapter]

    assert grade.word != "full" and grade.hint is None


@pytest.mark.parametrize("one, other, far", [
    pytest.param(torch.ones(2), torch.ones(2), 0.0, id="equal"),
    pytest.param(torch.ones(2), torch.tensor([1.0, 3.0]), 0.5, id="relative to the largest"),
    pytest.param(torch.ones(2), torch.ones(3), math.inf, id="another shape"),
    pytest.param(torch.tensor([math.nan]), torch.ones(1), math.inf, id="not a number"),
    pytest.param(None, torch.ones(1), math.inf, id="nothing"),
])
def test_the_difference_of_two_answers(one, other, far):
    assert difference(one, other) == far


@pytest.mark.parametrize("value, shape", [
    (7, ()), ([1, 2.5], (2,)), ([[1], [2]], (2,)), (torch.ones(1, 3, 1), (3,)), ([torch.ones(2), [3, 4]], (2, 2)),
    ([1, [2]], (2,)), ([1, [2, 3]], None), ("7", None), ([], None), (math.nan, None), (10**400, None)], ids=str)
def test_an_answer_as_a_tensor(value, shape):
    found = as_tensor(value)

    assert (found if found is None else tuple(found.shape)) == shape
