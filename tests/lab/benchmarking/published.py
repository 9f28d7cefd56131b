"""What others measured and published of the networks of the table, to stand beside our own rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """Images/s of networks at their own sizes on one card; batch: None where the source doesn't tell it."""

    card: str
    mode: str  # ours that is nearest; float16 of NVIDIA's is in channels_last
    training: bool
    batch: int | None
    source: str
    rates: dict[str, float]


TIMM = "huggingface/pytorch-image-models, results/"
NVIDIA = "NVIDIA/DeepLearningExamples, PyTorch/Classification/ConvNets/resnet50v1.5/README.md, Results"
FORWARD, TRAINING = False, True
PUBLISHED = [
    Published(
        "GeForce RTX 4090",
        "fp16 autocast",
        FORWARD,
        1024,
        TIMM + "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv",
        {
            "ResNet-18": 13537.15,
            "ResNet-50": 4217.6,
            "ResNet-152": 1941.85,
            "VGG-16": 2165.35,
            "Inception v3": 3663.18,
            "MobileNetV2": 10810.08,
            "ViT-B/16": 2787.15,
        },
    ),
    Published(
        "GeForce RTX 3090",
        "fp16 autocast",
        TRAINING,
        512,
        TIMM + "benchmark-train-amp-nchw-pt112-cu113-rtx3090.csv",
        {"ResNet-18": 2764.22, "ResNet-50": 826.06, "MobileNetV2": 1832.14},
    ),
    *[
        Published(card, mode, training, batch, NVIDIA, {"ResNet-50": rate})
        for card, mode, training, batch, rate in [
            ("T4", "float32", FORWARD, 1, 98),
            ("T4", "float32", FORWARD, 64, 428),
            ("T4", "fp16 autocast", FORWARD, 64, 1165),
            ("V100 16GB", "float32", FORWARD, 1, 96),
            ("V100 16GB", "float32", FORWARD, 64, 1200),
            ("V100 16GB", "fp16 autocast", FORWARD, 64, 2984),
            ("V100 16GB", "float32", TRAINING, None, 367),
            ("V100 16GB", "fp16 autocast", TRAINING, None, 1200),
            ("A100 80GB", "TF32", TRAINING, None, 938),
            ("A100 80GB", "fp16 autocast", TRAINING, None, 2470),
        ]
    ],
]


def published(row):
    """[{"card", "batch", "images_per_second", "source"}] of a Row's network, mode and pass, of one image or of many."""
    if row.side:
        return []
    return [
        {
            "card": one.card,
            "batch": one.batch,
            "images_per_second": one.rates[row.network],
            "source": one.source,
        }
        for one in PUBLISHED
        if (one.mode, one.training, one.batch == 1) == (row.mode, row.training, row.batch == 1)
        and row.network in one.rates
    ]
