"""The rows of the table of costs: what each measures, and how many seconds it will take."""

from dataclasses import dataclass
from functools import cache

from lab.benchmarking.latency import LONGEST, SINGLE_CALLS
from lab.benchmarking.layer_times import PASSES, UNTIMED
from lab.benchmarking.workloads import NETWORKS, multiply_adds
from lab.device import MODES

SHARE = 1 / 4  # of the measured peak that a network is taken to reach: large ones reach more, small ones less
HALVED = {"cpu": 1, "mps": 1, "cuda": 1 / 2}  # time of products in 16 bits, at most, of that in float32
CALL = 1e-5  # s at least for each kernel that is started
BACKWARD = 2  # kernels of a backward pass for each of the forward pass: gradients of weights and of inputs
SETUP = {"cpu": 0.3, "mps": 2, "cuda": 2}  # s to build a network, and of its first calls
COMPILATION = 60  # s
CALLS = 12  # of a step, on average: warm-up, rounds, memory
ROUNDS = {"cpu": 0.6, "mps": 1, "cuda": 1.6}  # s of the rounds and the warm-up where a step is short
SUSTAINED = 60  # s, as long as MLPerf Inference v0.5 asked a run to last


@dataclass(frozen=True)
class Row:
    """One network in one mode at one batch size, forward or in training; side: of its images, px, if not its own."""

    network: str
    batch: int
    mode: str = "float32"
    training: bool = False
    side: int | None = None
    layers: bool = False  # whether each layer's time is measured beside its FLOPs
    sustained: bool = False  # whether it runs for SUSTAINED seconds instead of a few rounds

    @property
    def passes(self):
        return "training" if self.training else "forward"

    @property
    def title(self):
        size = f" at {self.side} px" if self.side else ""
        minute = ", a sustained minute" if self.sustained else ""
        return f"{self.network}{size}, {self.passes}, {self.mode}, batch {self.batch}{minute}"

    def seconds(self, device, peak):
        """How long it will take on a device that reaches `peak` FLOP/s: its FLOPs at SHARE of that, call by call."""
        flops = 2 * self.batch * multiply_adds(self.network, self.side, self.training)
        products = flops / (SHARE * peak) * (HALVED[device.type] if MODES[self.mode].dtype.itemsize == 2 else 1)
        step = max(products, CALL * kernels(self.network) * (1 + BACKWARD * self.training))
        calls = CALLS + (UNTIMED + PASSES) * self.layers
        single = min(LONGEST, SINGLE_CALLS * step) if self.batch == 1 else 0
        compilation = COMPILATION if MODES[self.mode].compiled else 0
        once = SETUP[device.type] + compilation + ROUNDS[device.type] + SUSTAINED * self.sustained
        return once + calls * step + single


@cache
def kernels(network):
    """Layers without layers of their own: each starts at least one kernel."""
    return sum(not list(module.children()) for module in NETWORKS[network].weightless().modules())
