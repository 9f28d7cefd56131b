"""The backbones that surveys of 2022 list beside the lecture's own, and what their libraries publish about them.

Nothing is downloaded: torchvision's published figures come with the package, in the metadata of its trained weights.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import timm
from torch import nn
from torchvision.models import get_model, get_model_weights

from lab.counting.counter_comparison import fvcore_multiply_adds, our_multiply_adds


@dataclass(frozen=True)
class Backbone:
    """A network for 224 px images and 1,000 classes, and its published figures."""

    family: str
    name: str  # in its library
    paper: str  # arXiv number: year and month, then a running number
    builder: Callable[[], nn.Module]
    parameters: int
    giga_multiply_adds: float  # of one image, as printed
    digits: int  # decimals that are printed
    top1: float  # ImageNet validation accuracy, %
    source: str
    counter: Callable = our_multiply_adds  # what the publisher counts: builder -> multiply-adds of one image

    def build(self, without=""):
        """The network with random weights in eval mode, `without` the block of that name.

        The identity takes the block's place, so the block must map a shape to itself.
        """
        model = self.builder().eval()
        if without:
            model.set_submodule(without, nn.Identity(), strict=True)
        return model

    def variant(self, without=""):
        """A builder of that network: `builder` itself where nothing is left out, so that it is counted only once."""
        return partial(self.build, without) if without else self.builder


def torchvision_backbone(family, name, paper, **options):
    """A torchvision model with the metadata of its first weights, whose recipe is the paper's or close to it.

    torchvision counts the multiply-adds of convolutions, linear layers and attention's products, in 10^9 (`_ops`).
    """
    weights = get_model_weights(name).IMAGENET1K_V1
    return Backbone(
        family,
        name,
        paper,
        partial(get_model, name, **options),
        parameters=weights.meta["num_params"],
        giga_multiply_adds=weights.meta["_ops"],
        digits=3,
        top1=weights.meta["_metrics"]["ImageNet-1K"]["acc@1"],
        source=f"torchvision, {weights}",
    )


SENET = Backbone(  # not in torchvision; timm's "legacy" network is the authors' own, with the stride in the first 1x1
    "SENet",
    "legacy_seresnet50",
    "1709.01507",
    partial(timm.create_model, "legacy_seresnet50"),
    parameters=25_557_032 + 2_514_944 + 16_048,  # ResNet-50 (torchvision) + SE weights (SENet, section 4) + SE biases
    giga_multiply_adds=3.88,  # timm, results/benchmark-infer-amp-nchw-pt113-cu117-rtx3090.csv, infer_gmacs
    digits=2,
    top1=76.71,  # 100 - 23.29, SENet, table 2, single crop
    source="timm, results/benchmark-infer-amp-nchw-pt113-cu117-rtx3090.csv; SENet, table 2",
    counter=fvcore_multiply_adds,
)

SURVEY = [
    torchvision_backbone("DenseNet", "densenet121", "1608.06993"),
    torchvision_backbone("ResNeXt", "resnext50_32x4d", "1611.05431"),
    SENET,
    torchvision_backbone("MobileNetV2", "mobilenet_v2", "1801.04381"),
    torchvision_backbone("MobileNetV3", "mobilenet_v3_large", "1905.02244"),
    torchvision_backbone("ShuffleNetV2", "shufflenet_v2_x1_0", "1807.11164"),
    torchvision_backbone("EfficientNet", "efficientnet_b0", "1905.11946"),
    torchvision_backbone("RegNet", "regnet_y_400mf", "2003.13678"),
    torchvision_backbone("ViT", "vit_b_16", "2010.11929"),
    torchvision_backbone("Swin", "swin_t", "2103.14030"),
    torchvision_backbone("ConvNeXt", "convnext_tiny", "2201.03545"),
]

LECTURE = [  # the networks of 2012-2015 that the lecture tells of
    torchvision_backbone("AlexNet", "alexnet", "1404.5997"),
    torchvision_backbone("VGG-16", "vgg16", "1409.1556"),
    torchvision_backbone("VGG-19", "vgg19", "1409.1556"),
    torchvision_backbone("GoogLeNet", "googlenet", "1409.4842", aux_logits=False, init_weights=False),
    torchvision_backbone("ResNet-50", "resnet50", "1512.03385"),
    torchvision_backbone("ResNet-152", "resnet152", "1512.03385"),
]


def dominated(backbones, others):
    """Families of `backbones` that some other network equals or beats in accuracy at no more multiply-adds."""
    return [
        one.family
        for one in backbones
        if any(
            other is not one and other.top1 >= one.top1 and other.giga_multiply_adds <= one.giga_multiply_adds
            for other in others
        )
    ]
