"""The number of weight layers against the depths that the papers print in their names, and on made-up paths."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from lab.counting.depth import UntraceableModule, count_weight_layers
from lab.counting.meta_device import weightless


@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
@pytest.mark.parametrize("name, depth", [
    ("alexnet", 8),  # Krizhevsky, Sutskever & Hinton 2012, section 3.5
    ("vgg11", 11), ("vgg13", 13), ("vgg16", 16), ("vgg19", 19),  # Simonyan & Zisserman 2014, table 1
    ("googlenet", 22),  # Szegedy et al. 2014, section 5
    ("resnet18", 18), ("resnet34", 34), ("resnet50", 50), ("resnet101", 101), ("resnet152", 152),  # He et al., table 1
    ("densenet121", 121), ("densenet169", 169), ("densenet201", 201),  # Huang et al. 2016, table 1
])
def test_depth_of_published_networks(name, depth):
    with weightless():
        model = torchvision.models.get_model(name).eval()

    assert count_weight_layers(model) == depth


class Residual(nn.Module):
    """Three weight layers on the branch, one beside it, then a layer by function; a head of three in training."""

    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5), nn.Conv2d(5, 5, 3), nn.Conv2d(5, 3, 1))
        self.projection = nn.Conv2d(3, 3, 3)
        self.weight = nn.Parameter(torch.zeros(7, 3, 1, 1))
        self.head = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1))

    def forward(self, x):
        x = self.branch(x) + self.projection(x)
        auxiliary = self.head(x)
        return F.conv2d(x, self.weight), auxiliary.mean() if self.training else None


class ByFunction(nn.Module):
    """A layer without parts of its own."""

    def forward(self, x):
        return F.linear(x, torch.zeros(7, 7))


class Branching(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


shared = nn.Linear(7, 7)


@pytest.mark.parametrize("module, depth", [
    pytest.param(Residual().eval(), 3 + 1, id="longest path, functional layer, no unused head"),
    pytest.param(Residual().train(), 3 + 3, id="with the head in train mode"),
    pytest.param(nn.Sequential(shared, nn.Tanh(), shared), 2, id="one layer used twice lies twice on the path"),
    pytest.param(nn.Sequential(ByFunction(), nn.Linear(7, 7)), 2, id="a layer by function inside a module"),
    pytest.param(nn.Sequential(nn.BatchNorm2d(3), nn.MaxPool2d(2), nn.Flatten()), 0, id="no weight layer"),
])
def test_depth_of_paths(module, depth):
    assert count_weight_layers(module) == depth


@pytest.mark.parametrize("module", [
    pytest.param(Branching(), id="branches on values"),
    pytest.param(nn.LSTM(3, 5), id="recurrent"),
])
def test_no_depth_is_made_up(module):
    with pytest.raises(UntraceableModule, match="instead|leave it out"):
        count_weight_layers(module)
