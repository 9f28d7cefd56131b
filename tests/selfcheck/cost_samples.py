"""Made-up rows of the table of costs, as a run on some machine would have measured them."""

TEST = "tests/benchmarks/test_throughput.py::test_throughput"
LAYERS = [
    {"name": "features.0", "kind": "Conv2d", "flops": 3 * 10**9, "milliseconds": 1.0},
    {"name": "features.1", "kind": "ReLU", "flops": 0, "milliseconds": 2.0},
    {"name": "features.2", "kind": "Dropout", "flops": 0, "milliseconds": 0.001},
    {"name": "classifier", "kind": "Linear", "flops": 10**9, "milliseconds": 1.0},
]


def measured(network="ResNet-50", batch=64, rate=1000.0, **changes):
    """What a test tells: so many images/s, at 2^30 FLOPs an image, on a card whose peaks are 4 and 8 TFLOP/s."""
    return {
        "network": network, "side": None, "mode": "float32", "batch": batch, "asked": batch, "pass": "forward",
        "sustained": False, "images_per_second": rate, "milliseconds": 1000 * batch / rate, "rounds": 5, "p50": None,
        "p90": None, "p99": None, "single_calls": 0, "peak_MiB": 512.0, "flops_per_second": rate * 2**30,
        "peak_flops": 4e12, "peak_bandwidth": 2e11, "datasheet_flops": 8e12, "intensity": 30.0,
        "images_per_joule": 4.0, "device": "a GPU, 16.0 GiB", "driver": "580.1", "clocks": "SM 1000 MHz",
        "conditions": "", "published": [], "layers": [], **changes,
    }


def cost(*row, **changes):
    """The same as a row of evidence.json."""
    row = measured(*row, **changes)
    case = f"{row['network']}, {row['pass']}, {row['mode']}, batch {row['asked']}, {row['sustained']}"
    return {"nodeid": f"{TEST}[{case}]", **row}


def costs():
    """Rows of every sort."""
    published = {"card": "GeForce RTX 4090", "batch": 1024, "images_per_second": 4217.6, "source": "timm, a file"}
    return [
        cost(layers=LAYERS),
        cost(mode="fp16 autocast", rate=4000.0, published=[published, {**published, "card": "T4", "batch": None}]),
        cost(batch=1, rate=250.0, p50=4.0, p90=4.5, p99=8.25, single_calls=200),
        cost(mode="bf16, channels_last, compiled", **{"pass": "training"}, rate=1500.0, intensity=None),
        cost("Inception of the course", rate=20_000.5, side=64),
        cost("U-Net", batch=4, asked=8, rate=12.25, conditions="sensors: SM clock at least 900 MHz, 65 W"),
        cost(sustained=True, rate=900.0),
    ]
