"""Three graphics cards by their makers' figures, and how long a kernel takes on one: a model, not a measurement.

A kernel takes the longer of its products at the card's rate for them and its bytes at the card's bandwidth, as under a
roofline; a step takes the sum of its kernels, but no less than the host needs to launch them. The model knows no
caches, no clocks that fall with heat, and no card that a small kernel fills in part. So it decides nothing about a real
card: it shows which claims hold by arithmetic alone, and by how much.
"""
from dataclasses import dataclass

GEMM, WINOGRAD, FFT = ALGORITHMS = ("matrix products", "Winograd", "FFT")

# Assumptions, the same for each card, in round numbers.
LAUNCH = 5e-6               # s of the host for a kernel: a bare launch; PyTorch takes longer for most operations
PRODUCTS_REACH = 0.8        # of the peak, in a large matrix product
CONVOLUTIONS_REACH = 0.7    # of the peak, in a convolution
NARROW_REACH = 0.35         # of the peak, in one of fewer than NARROW filters a group, which fill a tile in part
NARROW = 16
BYTES_REACH = 0.8           # of the bandwidth


@dataclass(frozen=True)
class Window:
    """What a convolution slides over its maps; `maps` and `weights` count numbers, of input and output together."""

    maps: int
    weights: int
    side: int                   # px; of an oblong window the shorter
    stride: int
    groups: int
    filters: int                # of a group
    channels_last: bool

    @property
    def ordinary(self):
        return self.stride == 1 and self.groups == 1


@dataclass(frozen=True)
class Kernel:
    """What is launched at once: FLOPs as they are counted, bytes moved at least, and the numbers of its products."""

    flops: float
    moved: int
    half: bool = False          # fp16 or bf16
    tf32: bool = False          # allowed; of float32 alone
    window: Window | None = None


@dataclass(frozen=True)
class Card:
    """Rates in FLOP/s for each kind of numbers, without sparsity, and None where there is none; bytes/s; bytes."""

    name: str
    capability: tuple[int, int]
    float32: float
    tf32: float | None
    half: float
    bandwidth: float
    memory: float

    def step(self, kernels, algorithm):
        """Seconds of a step that launches these kernels, one of many in a row."""
        return max(sum(self.seconds(kernel, algorithm) for kernel in kernels), LAUNCH * len(kernels))

    def seconds(self, kernel, algorithm):
        """Of one kernel; a convolution in the fastest way that the library has.

        It has matrix products always, and one `algorithm` for convolutions that it suits, on float32's units.
        """
        rate, window = self._rate(kernel), kernel.window
        if not window:
            return self._longer(kernel.flops, kernel.moved, rate * PRODUCTS_REACH)
        reach = NARROW_REACH if window.filters < NARROW else CONVOLUTIONS_REACH
        turned = rate > self.float32 and not window.channels_last   # as tensor cores want them: there and back
        bytes_turned = 2 * window.maps * (2 if kernel.half else 4) if turned else 0
        ways = [self._longer(kernel.flops, kernel.moved + bytes_turned, rate * reach)]
        if algorithm == WINOGRAD and window.ordinary and window.side == 3:
            ways.append(self._longer(kernel.flops / 4, kernel.moved, self.float32 * reach))     # arXiv:1509.09308
        if algorithm == FFT and window.ordinary and window.side > 1:
            flops, transformed = by_fft(kernel.flops, window)
            ways.append(self._longer(flops, kernel.moved + transformed, self.float32 * reach))
        return min(ways)

    def _rate(self, kernel):
        return self.half if kernel.half else (kernel.tf32 and self.tf32) or self.float32

    def _longer(self, flops, moved, rate):
        return max(flops / rate, moved / (self.bandwidth * BYTES_REACH))


def by_fft(flops, window, tile=32):
    """(FLOPs, bytes moved besides) in tiles of 32 x 32 px, transformed to 32 x 17 complex numbers: arXiv:1312.5851.

    A tile yields (33 - k) x (33 - k) outputs, each for 544 / (33 - k)^2 complex products in the place of k x k real
    ones: hardly more for a large window than for a small one. Transformed maps and weights are written and read.
    """
    spectrum, outputs = tile * (tile // 2 + 1), (tile + 1 - window.side) ** 2
    complex_products = flops / window.side**2 * spectrum / outputs
    return 4 * complex_products, 2 * 8 * spectrum * (window.maps / outputs + window.weights / window.side**2)


CARDS = {card.name: card for card in [
    # NVIDIA T4 Tensor Core GPU, datasheet and product page: 8.1 and 65 TFLOPS, 320 GB/s, 16 GB; Turing has no TF32
    Card("T4", (7, 5), 8.1e12, None, 65e12, 320e9, 16 * 2**30),
    # NVIDIA A100 Tensor Core GPU, datasheet, 40 GB: 19.5, 156 and 312 TFLOPS, 1,555 GB/s
    Card("A100", (8, 0), 19.5e12, 156e12, 312e12, 1555e9, 40 * 2**30),
    # NVIDIA H100 Tensor Core GPU, datasheet, SXM: 67, 989 and 1,979 TFLOPS, half of the latter two without sparsity,
    # 3.35 TB/s, 80 GB
    Card("H100", (9, 0), 67e12, 494.5e12, 989.5e12, 3350e9, 80 * 2**30),
]}
