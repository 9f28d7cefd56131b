"""What others measured and published of the networks of the table, to stand beside our own rows."""

TIMM = "huggingface/pytorch-image-models, results/{}, infer_samples_per_sec"
RTX_4090 = TIMM.format("benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv")
BATCH = 1024
PUBLISHED = {  # images/s, forward, float16 autocast, images in their usual order (NCHW), at the networks' own sizes
    "GeForce RTX 4090": {
        "ResNet-18": 13537.15,
        "ResNet-50": 4217.6,
        "ResNet-152": 1941.85,
        "VGG-16": 2165.35,
        "Inception v3": 3663.18,
        "MobileNetV2": 10810.08,
        "ViT-B/16": 2787.15,
    }
}
SOURCES = {"GeForce RTX 4090": RTX_4090}


def published(row):
    """[{"card", "batch", "images_per_second", "source"}] of the same network, mode and pass as a Row."""
    if row.mode != "fp16 autocast" or row.training or row.side:
        return []
    return [
        {"card": card, "batch": BATCH, "images_per_second": rates[row.network], "source": SOURCES[card]}
        for card, rates in PUBLISHED.items()
        if row.network in rates
    ]
