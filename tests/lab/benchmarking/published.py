"""What others measured and published of the networks of the table, to stand beside our own rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """Images/s in float16 autocast, images in their usual order (NCHW), at the networks' own sizes, on one card."""

    card: str
    training: bool
    batch: int
    file: str  # of huggingface/pytorch-image-models, results/
    rates: dict[str, float]


PUBLISHED = [
    Published(
        card="GeForce RTX 4090",
        training=False,
        batch=1024,
        file="benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv",  # infer_samples_per_sec
        rates={
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
        card="GeForce RTX 3090",
        training=True,
        batch=512,
        file="benchmark-train-amp-nchw-pt112-cu113-rtx3090.csv",  # train_samples_per_sec
        rates={"ResNet-18": 2764.22, "ResNet-50": 826.06, "MobileNetV2": 1832.14},
    ),
]


def published(row):
    """[{"card", "batch", "images_per_second", "source"}] of the same network, mode and pass as a Row."""
    if row.mode != "fp16 autocast" or row.side:
        return []
    return [
        {
            "card": one.card,
            "batch": one.batch,
            "images_per_second": one.rates[row.network],
            "source": f"huggingface/pytorch-image-models, results/{one.file}",
        }
        for one in PUBLISHED
        if one.training == row.training and row.network in one.rates
    ]
