"""The course's recipe off the GPU: crops against torchvision, seeds apart from their company."""
import re
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode
from torchvision.transforms import functional

from lab.counting import count_parameters
from lab.device import MODES
from lab.execution.processes import Processes
from lab.training.course_nets import RECIPES, cifar_resnet18
from lab.training.course_training import CourseTraining, train_course_net
from lab.training.crops import PADDING, crop_and_mirror, crop_places
from lab.training.randomness import stream

CPU = torch.device("cpu")
DRY = {"data": "noise", "steps": 1, "batch": 3}


def test_crops_and_mirrors_are_torchvisions():
    images = torch.randint(256, (11, 3, 13, 13), dtype=torch.uint8)
    padded = functional.pad(images, PADDING)
    places = crop_places(11, stream(3, "crops"))
    one_by_one = [functional.crop(image, int(top), int(left), 13, 13) for image, top, left in zip(padded, *places[:2])]
    one_by_one = [functional.hflip(image) if flip else image for image, flip in zip(one_by_one, places[2])]

    assert torch.equal(crop_and_mirror(padded, places), torch.stack(one_by_one))


@pytest.mark.parametrize("net", ["LeNet", "VGG"], ids=["no crops", "crops"])
@pytest.mark.parametrize("mode", ["float32", "bf16 autocast, channels_last"])
def test_convolutions_get_the_memory_layout_of_their_mode(net, mode):
    """Crops leave their images as (N, H, W, C), and a net would go on so whatever the mode says."""
    seen = []
    hook = register_module_forward_pre_hook(
        lambda module, inputs: seen.append(inputs[0]) if isinstance(module, nn.Conv2d) else None)
    train_course_net([3], data_dir=".", net=net, epochs=1, mode=mode, **DRY)
    hook.remove()

    assert {maps.is_contiguous(memory_format=MODES[mode].memory_format) for maps in seen} == {True}
    assert seen[0].shape[1] == 3 and seen[0].is_contiguous() == (mode == "float32")


def test_every_place_is_drawn_about_as_often():
    top, left, mirrored = crop_places(9000, stream(5, "crops"))

    for corner in (top, left):
        assert torch.bincount(corner, minlength=9).min() > 850        # 1,000 on average, deviation 30
        assert corner.unique().tolist() == list(range(9))
    assert 0.47 < mirrored.float().mean() < 0.53


def test_the_net_is_the_notebooks_resnet18():
    """11,173,962 parameters: torchvision's 11,689,512, stem 3x3 instead of 7x7, 10 classes instead of 1,000."""
    expected = 11_689_512 - 64 * 3 * (7 * 7 - 3 * 3) - 990 * (512 + 1)

    assert count_parameters(cifar_resnet18()) == expected
    assert cifar_resnet18().eval().blocks(torch.rand(1, 64, 32, 32)).shape == (1, 512, 4, 4)


@pytest.mark.parametrize("net", ["LeNet", "ResNet-18, CBAM"])
def test_a_recipes_steps_follow_from_the_seed(net):
    first, again, other = (train_course_net([seed], data_dir=".", net=net, epochs=1, **DRY | {"steps": 2})[0]
                           for seed in (3, 3, 4))

    assert again["training loss"] == first["training loss"] != other["training loss"]


def test_a_trial_does_not_depend_on_its_company_or_its_process():
    recipe = dict(data_dir=".", net="LeNet", epochs=2, **DRY)
    alone = [train_course_net([seed], **recipe)[0] for seed in (3, 5, 7)]
    process = Processes(1)
    shared = process.submit(partial(train_course_net, **recipe), [3, 5, 7]).result()
    process.close()

    assert [run["training loss"] for run in shared] == [run["training loss"] for run in alone]
    assert [run["accuracy curve"] for run in shared] == [run["accuracy curve"] for run in alone]
    assert len({run["training loss"] for run in alone}) == 3


@pytest.fixture
def interrupted(tmp_path, monkeypatch):
    """interrupted(recipe): the checkpoints of a training of seed 3 that was killed in its second epoch."""
    def train(recipe):
        epoch = CourseTraining.epoch
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(CourseTraining, "epoch", lambda self: self.curve and stop() or epoch(self))
            train_course_net([3], checkpoints={3: tmp_path / "new" / "seed 3"}, **recipe)
        return {3: tmp_path / "new" / "seed 3"}
    return train


def stop():
    raise KeyboardInterrupt


@pytest.mark.parametrize("net, mode", [("LeNet", "float32"), ("VGG", "bf16 autocast, channels_last")])
def test_an_interrupted_training_goes_on_as_if_it_had_not_been(net, mode, interrupted):
    """VGG draws for its dropout too."""
    recipe = dict(data_dir=".", net=net, epochs=3, mode=mode, **DRY | {"steps": 2})
    [whole], checkpoints = train_course_net([3], **recipe), interrupted(recipe)
    torch.manual_seed(99)
    [resumed] = train_course_net([3], checkpoints=checkpoints, **recipe)

    assert {**resumed, **spent(whole)} == whole
    assert resumed["training seconds"] != whole["training seconds"] and len(resumed["first losses"]) == 6
    assert not checkpoints[3].exists()


def spent(run):
    return {name: run[name] for name in run if "seconds" in name}


@pytest.mark.parametrize("damage", [lambda whole: whole[:999], lambda whole: b"", lambda whole: b"no checkpoint"],
                         ids=["cut off", "empty", "another file"])
def test_a_damaged_checkpoint_costs_only_its_epochs(damage, interrupted):
    recipe = dict(data_dir=".", net="LeNet", epochs=2, **DRY)
    path = interrupted(recipe)[3]
    path.write_bytes(damage(path.read_bytes()))
    [whole], [again] = train_course_net([3], **recipe), train_course_net([3], checkpoints={3: path}, **recipe)

    assert {**again, **spent(whole)} == whole


def test_the_precision_mode_changes_the_numbers_and_little_else():
    exact, rounded = (train_course_net([3], data_dir=".", net="VGG", epochs=1, mode=mode, **DRY | {"steps": 3})[0]
                      for mode in ("float32", "bf16 autocast, channels_last"))

    assert rounded["first losses"] != exact["first losses"]
    assert rounded["first losses"] == pytest.approx(exact["first losses"], rel=0.05)


class Traffic(TorchFunctionMode):
    """Counts copies to the device and from it; those of Adam's own step number stay on the CPU."""

    crossings = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.crossings += function in {torch.tensor, torch.Tensor.to, torch.Tensor.cpu}
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("net", ["LeNet", "VGG"])
def test_no_step_and_no_test_batch_is_copied_to_the_device_or_from_it(net):
    def crossings(batch, steps):
        with Traffic() as traffic:
            train_course_net([3], data_dir=".", net=net, epochs=1, **DRY | {"batch": batch, "steps": steps})
        return traffic.crossings

    assert crossings(batch=2, steps=1) == crossings(batch=2, steps=5) == crossings(batch=3, steps=3) > 0


def test_a_diverged_run_counts_as_chance(monkeypatch):
    monkeypatch.setattr("lab.training.course_training.cross_entropy", lambda logits, labels: logits.sum() * torch.nan)
    (run,) = train_course_net([3], data_dir=".", net="LeNet", epochs=1, **DRY)

    assert (run["test accuracy"], run["test accuracy in evaluation mode"], run["diverged"]) == (10, 10, 1)


@pytest.mark.parametrize("net", ["ResNet-18, SE", "ResNet-18, CBAM", "ResNet-18, ECA"])
def test_the_attended_twin_starts_with_the_same_weights(net):
    with torch.random.fork_rng():
        plain, attended = (torch.manual_seed(3) and RECIPES[name].build() for name in ("ResNet-18", net))
    shared = [weight.shape for weight in plain.parameters()]
    kept = [weight for name, weight in attended.named_parameters() if not re.search(r"branch\.1\.", name)]

    assert [weight.shape for weight in kept] == shared
    assert all(torch.equal(*pair) for pair in zip(kept, plain.parameters()))
