"""What the selfchecks ask of models: does a gradient reach each parameter, do two models compute the same."""

import torch
from torch import nn


def silent_parameters(model: nn.Module, *inputs: torch.Tensor) -> list[str]:
    """Names of the parameters that no gradient of the squared outputs reaches, in the model's present mode."""
    model.zero_grad()
    outputs = model(*inputs)
    sum(output.square().sum() for output in (outputs if isinstance(outputs, list) else [outputs])).backward()
    return [name for name, parameter in model.named_parameters() if parameter.grad is None or not parameter.grad.any()]


def as_after_training(model: nn.Module, x: torch.Tensor) -> nn.Module:
    """The model in eval mode, its BatchNorm scales no longer 1 and 0, its statistics those of `x`, as if trained on it.

    Statistics drawn at random would do for one module; in a deep net they let the image's trace die out, and then two
    nets agree whatever their first layers do.
    """
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias, std=0.1)
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(x)
    return model.eval()


def with_weights_of(theirs: nn.Module, ours: nn.Module) -> nn.Module:
    """`ours` in eval mode with the parameters and buffers of `theirs`: same order, other names."""
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    return ours.eval()
