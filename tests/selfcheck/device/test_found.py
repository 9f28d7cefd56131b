"""Which device is taken where several are there, or none."""
import pytest
import torch

from lab.device import Sized, found, torch_device
from lab.errors import NeedsDevice


@pytest.fixture(params=[True, False], ids=["mps", "no mps"])
def mps(request, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: request.param)
    return request.param


@pytest.mark.parametrize("refused, device", [("", "cuda"), ("it has no driver", "cpu")])
def test_auto_is_cuda_where_it_can_be_used_and_never_mps(refused, device, mps, monkeypatch):
    monkeypatch.setattr(found, "refusal", lambda: refused)

    assert torch_device("auto") == torch.device(device)
    assert torch_device("cpu") == torch.device("cpu")


def test_mps_is_taken_where_it_is_asked_for_at_the_sizes_of_the_cpu(mps):
    if mps:
        assert torch_device("mps") == torch.device("mps")
    else:
        with pytest.raises(NeedsDevice, match="finds none on this machine; leave the option out"):
            torch_device("mps")

    assert [Sized(1, 64).on(torch.device(name)) for name in ("cpu", "mps", "cuda")] == [1, 1, 64]


def test_cuda_that_cannot_be_used_is_refused_with_the_reason(monkeypatch):
    monkeypatch.setattr(found, "refusal", lambda: "it has no driver: install one")

    with pytest.raises(NeedsDevice, match="^--device cuda: PyTorch has none to use: it has no driver: install one; or"):
        torch_device("cuda")
