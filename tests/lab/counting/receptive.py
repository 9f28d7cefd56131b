"""How much of an image one unit sees: by formula from the layers' geometry, and by asking a module for its gradient."""

from collections.abc import Iterable
from numbers import Integral

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from lab.counting.meta_device import need_network, with_zeros
from lab.errors import LabError, WrongArgument


class ImageTooSmall(LabError):
    """The image may cut the window off."""


class UnprobedPooling(LabError):
    """A max pooling whose whole window the probe can't see."""


def receptive_field(layers):
    """Side length in px of the window that one unit sees after `layers`, from the first layer to the last.

    A layer is its kernel size, or (kernel, stride), or (kernel, stride, dilation); pooling counts as a layer. Between
    two neighbouring units of a layer lie `step` px of the image, so a kernel of k taps adds (k - 1) steps.
    """
    side = step = 1
    for layer in layers if isinstance(layers, Iterable) else [None]:
        geometry = (layer,) if isinstance(layer, Integral) else layer
        if not (
            isinstance(geometry, (tuple, list))
            and 0 < len(geometry) < 4
            and all(isinstance(number, Integral) and number > 0 for number in geometry)
        ):
            got = f"the layer {layer!r:.60}" if isinstance(layers, Iterable) else f"{layers!r:.60}"
            raise WrongArgument(
                f"receptive_field takes a list of layers, each as kernel, (kernel, stride) or (kernel, "
                f"stride, dilation) in px, got {got}: write receptive_field([3, (2, 2)]), or ask "
                "probed_receptive_field about a network"
            )
        kernel, stride, dilation = (*geometry, 1, 1)[:3]
        side += (kernel - 1) * dilation * step
        step *= stride
    return side


def probed_receptive_field(module, image_size, in_channels):
    """Side length in px of the window on which the centre unit of `module`'s output map depends (the longer side).

    The module maps (1, in_channels, image_size, image_size) to (1, channels, height, width). The window is where the
    gradient of the centre unit is not zero, in a copy of the module in which nothing can cancel, saturate or lose:
    every filter averages (equal positive weights of sum 1, no bias), BatchNorm is the identity, and max pooling passes
    the gradient to its whole window instead of the winner. The module itself stays as it is.

    Raises ImageTooSmall where the window reaches the border, because it may go on beyond it.
    """
    need_network(module, "probed_receptive_field")
    averaging = _averaging_copy(module)
    image = torch.ones(1, in_channels, image_size, image_size, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad(), _MaxPoolAsMean():
        output = averaging(image)
        if output.dim() != 4:
            raise WrongArgument(
                f"probed_receptive_field takes a network whose output is a map (1, channels, height, "
                f"width), got the shape {tuple(output.shape)}: leave its classifier out"
            )
        height, width = output.shape[-2:]
        output[0, :, height // 2, width // 2].sum().backward()
    seen = (image.grad[0] != 0).any(dim=0)  # height x width
    rows, columns = seen.any(dim=1).nonzero(), seen.any(dim=0).nonzero()
    first, last = min(rows.min(), columns.min()), max(rows.max(), columns.max())
    if first == 0 or last == image_size - 1:
        raise ImageTooSmall(f"the window reaches the border of a {image_size} px image: probe with a larger one")
    return int(max(rows.max() - rows.min(), columns.max() - columns.min())) + 1


def _averaging_copy(module):
    module = with_zeros(module).to(torch.float64).eval()
    with torch.no_grad():
        for parameter in module.parameters():  # vectors are biases and scales; filters have (out, in, height, width)
            parameter.fill_(parameter.shape[0] / parameter.numel() if parameter.dim() > 1 else 1.0)
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if name.endswith(("bias", "running_mean")):
                tensor.zero_()
            elif name.endswith("running_var"):
                tensor.fill_(1.0)
    return module


class _MaxPoolAsMean(TorchFunctionMode):
    """Answers max pooling with the mean of the same window: the gradient of a maximum reaches the winner only."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        return _MEANS.get(function, function)(*args, **(kwargs or {}))


def _mean_pool(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    if dilation not in (1, (1, 1)) or return_indices:
        raise UnprobedPooling(
            "max pooling with dilation or indices has no mean to stand for it: "
            "probe the module without it, and add it by receptive_field"
        )
    return F.avg_pool2d(x, kernel_size, stride or None, padding, ceil_mode)


_MEANS = {
    F.max_pool2d: _mean_pool,
    torch.max_pool2d: _mean_pool,
    F.max_pool2d_with_indices: _mean_pool,
    F.adaptive_max_pool2d: lambda x, output_size, return_indices=False: F.adaptive_avg_pool2d(x, output_size),
}
