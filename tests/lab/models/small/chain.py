"""Small stacks of convolutions for 28 x 28 grey digits: what an activation does, what each layer keeps."""
from torch import nn

from lab.models.small.shrink import Halve

GAIN = {nn.ReLU: 2**0.5, nn.Tanh: 5 / 3, nn.Sigmoid: 4.0, nn.Identity: 1.0}


def start_gained(net, activation):
    """Normal weights, of deviation GAIN / sqrt(fan-in) in convolutions, 1 / sqrt(fan-in) in linear layers; biases 0."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            gain = GAIN[activation] if isinstance(layer, nn.Conv2d) else 1
            nn.init.normal_(layer.weight, std=gain / layer.weight[0].numel()**0.5)
            nn.init.zeros_(layer.bias)


class ConvChain(nn.Module):
    """Convolutions with an activation each, then one linear layer: [B, 1, 28, 28] -> logits [B, classes].

    The image is averaged over 2x2 squares first. `layers` are the convolutions with their activations. Weights are
    normal with deviation GAIN / sqrt(fan-in), the start that keeps a signal's size under that activation (He et al.
    2015 for ReLU, torch.nn.init.calculate_gain for tanh, Glorot and Bengio 2010 for the sigmoid).
    """

    def __init__(
        self,
        activation=nn.ReLU,
        widths=(8, 16, 32),
        strides=(1, 2, 2),
        kernels=(3, 3, 3),
        classes=10,
    ):
        super().__init__()
        self.shrink, side, layers = Halve(), 14, []
        for i, o, kernel, stride in zip((1, *widths), widths, kernels, strides):
            layers.append(nn.Sequential(nn.Conv2d(i, o, kernel, stride, padding=kernel // 2), activation()))
            side = -(-side // stride)                       # rounded up
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(widths[-1] * side**2, classes)
        start_gained(self, activation)

    def forward(self, images):
        return self.classifier(self.layers(self.shrink(images)).flatten(1))


class NoLayers(nn.Module):
    """A control: at each of its `depth` layers the image, of so many `inputs` once halved, is still as it was."""

    def __init__(self, depth, classes=10, inputs=14**2):
        super().__init__()
        self.shrink, self.layers = Halve(), nn.Sequential(*[nn.Identity() for _ in range(depth)])
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, images):
        return self.classifier(self.layers(self.shrink(images)).flatten(1))
