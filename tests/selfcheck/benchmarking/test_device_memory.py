"""Is memory counted, and lack of it told from other errors?"""
import pytest
import torch

from lab.benchmarking.memory import TooLarge, fitting, peak_bytes

CPU = torch.device("cpu")


def test_peak_memory_is_that_of_the_tensors_alive_at_once():
    x = torch.zeros(2**18)      # 1 MiB

    def chain():
        y = x + 1
        y = y + 1               # y's first tensor goes only when this one is there: x and two more
        return y.sum()

    assert peak_bytes(chain, CPU, x) == 3 * 2**20
    assert peak_bytes(lambda: x.add_(1), CPU, x) == 2**20
    assert peak_bytes(lambda: x.view(2, -1)[0], CPU, x) == 2**20


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError(),
                                   RuntimeError("MPS backend out of memory"), RuntimeError("can't allocate memory"),
                                   RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"),
                                   RuntimeError("FIND was unable to find an engine to execute this computation")])
def test_running_out_of_memory_halves_the_batch_and_says_so(error):
    asked = []

    def run(batch):
        asked.append(batch)
        if batch > 7:
            raise error
        return f"{batch} images"

    assert fitting(52, run) == ("6 images", 6)
    assert asked == [52, 26, 13, 6]


def test_no_batch_of_no_image_is_tried():
    asked = []

    def run(batch):
        asked.append(batch)
        raise MemoryError

    with pytest.raises(TooLarge, match="MemoryError"):
        fitting(2, run)
    assert asked == [2, 1]


def test_a_real_refusal_of_memory_is_recognised():
    with pytest.raises(TooLarge, match="one image is too much for the device .*: close other"):
        fitting(2, lambda batch: torch.empty(2**50))


def test_other_errors_are_not_taken_for_lack_of_memory():
    with pytest.raises(RuntimeError, match="shapes"):
        fitting(8, lambda batch: torch.zeros(2, 3) @ torch.zeros(5, 7))
