"""How the gradient of a net's central unit is spread over the window that it sees, before and after training."""

import torch

from lab.counting.effective_field import central_share
from lab.counting.receptive import receptive_field
from lab.device.clock import one_thread
from lab.training.randomness import stream
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, side_by_side

SEEN = 200  # test images through which the gradient is sent


@one_thread()
def effective_field(seeds, *, data="handwritten", lr=0.01, **recipe):
    """Train a net of ConvChain's kind, of stride 1, by a WatchedRecipe from each seed (`steps` 0: not at all).

    Metrics: "field" [side][side], the square of the gradient of the last layer's central units at each pixel of their
    window, mean over test images and units, of sum 1; "central share", the percentage of it in the central quarter;
    "diverged" (1.0), which counts as evenly spread.
    """
    recipe = WatchedRecipe.of(data=data, lr=lr, **recipe)
    return [_asked(lane) for lane in side_by_side(Lanes, recipe, seeds)]


def _asked(lane):
    lane.train()
    net = lane.net
    [[pixels]] = lane.inputs([lane.dataset.test_images[:SEEN]])
    images = net.shrink(pixels).detach().requires_grad_()
    maps = net.layers(images)
    centre = maps.shape[-1] // 2
    signs = torch.randint(2, maps.shape[:2], generator=stream(lane.seeds[0], "signs")) * 2.0 - 1
    # Squares of a sum under random signs are, on average, the sum of the units' squares: one pass for all units.
    (maps[:, :, centre, centre] * signs).sum().backward()
    side = receptive_field([layer[0].kernel_size[0] for layer in net.layers])
    first = centre - side // 2
    field = images.grad.square().mean((0, 1))[first : first + side, first : first + side].double()
    field = field / field.sum()
    if diverged := not field.isfinite().all():
        field = torch.full_like(field, 1 / field.numel())
    return {"field": field.tolist(), "central share": 100 * central_share(field), "diverged": float(diverged)}
