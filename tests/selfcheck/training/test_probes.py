"""Do probes explain what scikit-learn's ridge regression does?"""
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from lab.models.small.chain import ConvChain, NoLayers
from lab.training.linear_probes import DIMENSIONS, PENALTY, explained, layer_outputs, probe_layers
from lab.training.randomness import stream


def test_a_probe_is_scikit_learns_ridge_regression():
    """R2 of each target on images unseen, from the same random projection."""
    layer, noise = torch.randn(90, 7, generator=stream(5, "layer")), torch.randn(90, 3, generator=stream(5, "noise"))
    targets = layer[:, :2] + 0.5 * noise[:, :2], noise
    found = explained(layer, targets, 60, stream(3, "probes"))
    projected = layer @ torch.randn(7, DIMENSIONS, generator=stream(3, "probes"))
    projected = ((projected - projected[:60].mean(0)) / projected[:60].std(0)).double()
    ridge = Ridge(alpha=PENALTY * 60)
    expected = [r2_score(target[60:], ridge.fit(projected[:60], target[:60]).predict(projected[60:]),
                         multioutput="variance_weighted") for target in targets]

    assert found == pytest.approx(expected, abs=1e-3)
    assert found[0] > 0.6 > 0 > found[1]


def test_each_layer_is_probed_where_it_ends():
    net, x = ConvChain(widths=(3, 5), strides=(1, 2), kernels=(5, 3)), torch.randn(7, 1, 28, 28)
    first, second = layer_outputs(net, x)

    torch.testing.assert_close(first, net.layers[0](net.shrink(x)).flatten(1))
    torch.testing.assert_close(second, net.layers(net.shrink(x)).flatten(1))
    assert not any(layer._forward_hooks for layer in net.layers)


@pytest.fixture
def probed(tmp_path):
    """`probed(**recipe)`: metrics of one seed on the embedded digits."""
    return lambda **recipe: probe_layers([5], data_dir=tmp_path, **recipe)[0]


def test_an_image_that_stays_loses_nothing(probed):
    trial = probed(model=NoLayers, depth=3, steps=0)

    assert trial["diverged"] == 0.0
    for metric in ("R2 of the pixels", "R2 of the class"):
        assert trial[metric] == pytest.approx([trial[metric][0]] * 3, abs=0.05)
    assert trial["pixels lost"] == trial["R2 of the pixels"][0] - trial["R2 of the pixels"][-1]
    assert trial["class gained"] == -trial["class lost"] == trial["R2 of the class"][2] - trial["R2 of the class"][0]


def test_training_brings_out_the_class(probed):
    net = dict(model=ConvChain, widths=(8, 16), strides=(2, 2), kernels=(5, 3))
    untrained, trained = (probed(steps=steps, **net) for steps in (0, 60))

    assert trained["R2 of the class"][-1] > untrained["R2 of the class"][-1] + 0.05


def test_a_diverged_net_explains_nothing(probed):
    trial = probed(model=ConvChain, steps=3, lr=1e30)

    assert trial["diverged"] == 1.0
    assert trial["R2 of the pixels"] == trial["R2 of the class"] == [0.0] * 3
