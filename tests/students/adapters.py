"""Your answers to the coding questions: copy this file to a folder of your own, and fill in what you like.

    cp tests/students/adapters.py mywork/
    .venv/bin/pytest --submission=mywork                  # all tasks
    .venv/bin/pytest --submission=mywork -m task_E8_2     # one of them

What you leave as it is counts as not handed in. Further files of yours may lie beside this one. Modules are any
nn.Module built of torch's layers; the names of their attributes, and the order in which you define them, are free, and
so are biases wherever BatchNorm follows. N images, C channels, maps of H x W px throughout.
"""


def count_conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    """Number of parameters of a convolution with kernels of kernel_size x kernel_size. Task L2.1.

    Statement L2.1: a convolution layer has k x k x Cin x Cout parameters. What do groups and the bias change?
    """
    raise NotImplementedError


def conv_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """Side in px of the map that a convolution makes of a map of size x size px. Task L2.5.

    Statement L2.5: 64 x 64 in, four maps of the same size out, with padding 1 and stride 1.
    """
    raise NotImplementedError


def receptive_field(layers):
    """Side in px of the window of the image that one unit sees after `layers`. Task L3.3.

    layers: (kernel, stride) pairs from the first layer to the last; pooling counts as a layer. Statement L3.3: deeper
    units see more of the image.
    """
    raise NotImplementedError


def two_3x3(channels):
    """A module (N, C, H, W) -> (N, C, H, W): what Inception V3 puts in the place of a 5x5 convolution. Task L7.10.

    A 3x3 convolution, ReLU, another 3x3 convolution (a ReLU at the end is free). Both keep the number of channels and
    the size of the map. Statement L7.10.
    """
    raise NotImplementedError


def inception_module(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
    """A module (N, in_channels, H, W) -> (N, n1x1 + n3x3 + n5x5 + pool_projection, H, W). Task L7.6.

    GoogLeNet's, of four branches in this order: 1x1; 1x1 to n3x3_reduce, then 3x3; 1x1 to n5x5_reduce, then 5x5; 3x3
    max pooling with stride 1, then 1x1. A ReLU after every convolution, no BatchNorm. Statement L7.6.
    """
    raise NotImplementedError


def shuffle_pixels(images, seed):
    """The images (N, C, H, W) with their pixels shuffled: a tensor of the same shape. Task E1.5.

    Statement E1.5: one fixed permutation of the pixels for all images. It depends on the seed alone; the channels of a
    pixel stay together.
    """
    raise NotImplementedError


def test_accuracy(net, images, labels, batch_size):
    """How many of the images (N, C, H, W) `net` classifies right, in percent. Task E2.5.

    labels: (N,) int64; at most batch_size images at a time. Statement E2.5: what happens without net.eval()?
    """
    raise NotImplementedError


def dataset_mean_std(images):
    """(means, deviations) of uint8 images (N, C, H, W), C numbers each, on the scale from 0 to 1. Task E3.1.

    The constants by which Normalize gives all pixels of a channel mean 0 and variance 1. Statement E3.1.
    """
    raise NotImplementedError


def batches_in_epoch(samples, batch_size, drop_last=False):
    """Number of batches in one epoch. Task E4.1. Statement E4.1: an epoch is one pass over the N training samples."""
    raise NotImplementedError


def conv1x1_by_linear(weight, bias, images):
    """What a 1x1 convolution makes of the images, without a convolution: (N, C, H, W) -> (N, O, H, W). Task E5.1.

    weight: (O, C, 1, 1); bias: (O,). Statement E5.1: it is a fully connected layer over the channels at each pixel.
    """
    raise NotImplementedError


def residual_block(channels):
    """A module (N, C, H, W) -> (N, C, H, W): the basic block of ResNet. Task E6.1.

    3x3 convolution, BatchNorm, ReLU, 3x3 convolution, BatchNorm; then x is added, then a ReLU. Statement E6.1.
    """
    raise NotImplementedError


def lenet():
    """A module (N, 3, 32, 32) -> (N, 10): the exercise's net for CIFAR-10. Task E7.1.

    5x5 convolution to 6 maps, ReLU, 2x2 max pooling, 5x5 convolution to 16 maps, ReLU, 2x2 max pooling, no borders;
    fully connected layers of 120, 84 and 10 units, ReLU after the first two. Statement E7.1.
    """
    raise NotImplementedError


def bottleneck(in_channels, width, stride=1):
    """A module (N, in_channels, H, W) -> (N, 4 * width, H / stride, W / stride): ResNet's bottleneck. Task E8.2.

    1x1 convolution to `width` maps, 3x3 with the stride, 1x1 to 4 * width, BatchNorm after each and ReLU after the
    first two; then the shortcut is added, then a ReLU. The shortcut is x itself where the shape stays, else a 1x1
    convolution with the stride, and BatchNorm. Statement E8.2: Bottleneck(256, 64) keeps the shape.
    """
    raise NotImplementedError


def residual_stage(in_channels, out_channels, blocks):
    """A module (N, in_channels, H, W) -> (N, out_channels, H / 2, W / 2) of so many residual blocks. Task E8.3.

    Blocks as in residual_block. The first halves and widens the map in its first convolution, and its shortcut is a 1x1
    convolution with stride 2, and BatchNorm. Statement E8.3.
    """
    raise NotImplementedError


def squeeze_excitation(channels, reduction=16):
    """A module (N, C, H, W) -> (N, C, H, W) that multiplies each map by a gate between 0 and 1. Task E9.1a.

    Mean of each map, linear layer to channels // reduction units, ReLU, linear layer back, sigmoid. Statement E9.1.
    """
    raise NotImplementedError


def cbam(channels, reduction=16):
    """A module (N, C, H, W) -> (N, C, H, W): CBAM. Task E9.1b.

    First a gate for each map: the sum of what the same two layers, as in squeeze_excitation, make of the maps' means
    and of their maxima, then the sigmoid. Then a gate for each pixel: its mean and its maximum over the channels, in
    this order, a 7x7 convolution that keeps the size (BatchNorm is free), sigmoid. Statement E9.1.
    """
    raise NotImplementedError


def eca(channels):
    """A module (N, C, H, W) -> (N, C, H, W): ECA. Task E9.1c.

    The maps' means, a 1-D convolution along the channels without bias, that keeps their number, sigmoid. Its kernel has
    int((log2(C) + 1) / 2) weights, and one more where that is even. Statement E9.1.
    """
    raise NotImplementedError
