"""Where PyTorch can't use an NVIDIA GPU: is the reason told, with what helps? By stand-ins for machine and build."""
import re

import pytest
import torch

from lab.device import cuda
from lab.device.builds import Card, kernel_runs_on
from lab.device.cuda import NO_CARD, find_card, lacking, refusal
from lab.report.language.catalogue import translated

GPU = torch.device("cuda", 0)
NEW = "pip install --force-reinstall torch torchvision"
OLD = 'pip install --force-reinstall "torch<2.15" torchvision --index-url https://download.pytorch.org/whl/cu126'
CUDA_13 = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]
CUDA_12 = ["sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90"]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """`machine(...)`: a machine with a card, or none, and what a build of PyTorch makes of it."""
    def make(smi=(), build="13.0", available=False, card=("Tesla T4", (7, 5)), kernels=CUDA_13, error="", visible=None,
             starts=True):
        def fail(*arguments, **options):
            raise RuntimeError(error)

        monkeypatch.setattr(cuda, "nvidia_smi", lambda fields: list(smi) if fields.endswith("compute_cap") else [])
        monkeypatch.setattr(cuda, "PCI", tmp_path / "pci")
        monkeypatch.setattr(cuda, "PROC", tmp_path / "nvidia")
        monkeypatch.setattr(torch, "__version__", "2.14.1")
        monkeypatch.setattr(torch.version, "cuda", build)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: card[0])
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: card[1])
        monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: kernels)
        monkeypatch.setattr(torch.cuda, "init", (lambda: None) if available and starts else fail)
        ones = torch.ones
        monkeypatch.setattr(torch, "ones", fail if error else lambda *size, device: ones(*size))
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        for known in (refusal, lacking):
            known.cache_clear()
        return tmp_path

    yield make
    monkeypatch.undo()
    for known in (refusal, lacking):
        known.cache_clear()


T4, P100, K80 = "Tesla T4, 580.65.06, 7.5", "Tesla P100-PCIE-16GB, 580.65.06, 6.0", "Tesla K80, 470.42.01, 3.7"


@pytest.mark.parametrize("case, told", [
    pytest.param(dict(), NO_CARD, id="no card"),
    pytest.param(dict(available=True), "", id="a card that PyTorch can use"),
    pytest.param(dict(smi=[T4], build=None),
                 f"PyTorch 2.14.1 is a build without CUDA, and there is an NVIDIA GPU (Tesla T4): {NEW}",
                 id="a CPU build"),
    pytest.param(dict(smi=[P100], build=None), "PyTorch 2.14.1 is a build without CUDA, and there is an NVIDIA GPU "
                 f"(Tesla P100-PCIE-16GB): {OLD}", id="a CPU build, and a card of 2016"),
    pytest.param(dict(smi=["Tesla T4, 550.54.14, 7.5"], build=None), "PyTorch 2.14.1 is a build without CUDA, and "
                 f"there is an NVIDIA GPU (Tesla T4): {OLD}", id="a CPU build, and a driver of CUDA 12"),
    pytest.param(dict(smi=["B200, 570.10, 10.0"], build=None), "PyTorch 2.14.1 is a build without CUDA, and there is "
                 f"an NVIDIA GPU (B200): update NVIDIA's driver to 580 or later, and {NEW}",
                 id="a CPU build, and a driver that is too old for any of the card's builds"),
    pytest.param(dict(smi=[K80], build=None), "PyTorch 2.14.1 is a build without CUDA, and there is an NVIDIA GPU "
                 "(Tesla K80): no build of PyTorch since 2.6 has kernels for it; take another GPU, or --device=cpu",
                 id="a card that is too old for all"),
    pytest.param(dict(smi=["Tesla T4, 550.54.14, 7.5"]), "driver 550 of the Tesla T4 is too old for PyTorch 2.14.1 "
                 f"with CUDA 13.0: update it to 580 or later, or {OLD}", id="an old driver"),
    pytest.param(dict(smi=["Tesla T4, 470.42.01, 7.5"]), "driver 470 of the Tesla T4 is too old for PyTorch 2.14.1 "
                 "with CUDA 13.0: update it to 580 or later", id="a driver that is too old for all"),
    pytest.param(dict(smi=[T4], visible=""), "CUDA_VISIBLE_DEVICES= hides the Tesla T4: unset it, or name a GPU that "
                 "nvidia-smi lists", id="a hidden card"),
    pytest.param(dict(smi=[T4], error="CUDA unknown error - this may be due. Setting the devices to zero."),
                 "PyTorch doesn't start the Tesla T4 (CUDA unknown error - this may be due): first make "
                 '`python -c "import torch; torch.cuda.init()"` work', id="another error"),
    pytest.param(dict(available=True, card=("Tesla P100", (6, 0))), "PyTorch 2.14.1 has no kernels for the Tesla P100 "
                 f"(sm_60), only {' '.join(CUDA_13)}: {OLD}", id="no kernels for an old card"),
    pytest.param(dict(available=True, card=("B200", (10, 0)), build="12.6", kernels=CUDA_12), "PyTorch 2.14.1 has no "
                 f"kernels for the B200 (sm_100), only {' '.join(CUDA_12)}: {NEW}", id="no kernels for a new card"),
    pytest.param(dict(available=True, error="CUDA error: no kernel image is available for execution on the device"),
                 f"PyTorch 2.14.1 has no kernels for the Tesla T4 (sm_75), only {' '.join(CUDA_13)}: {NEW}",
                 id="a list of architectures that is wrong"),
    pytest.param(dict(available=True, error="CUDA error: launch failure"), "a kernel of one element fails on the Tesla "
                 "T4 (CUDA error: launch failure): free it of other programs, nvidia-smi lists them",
                 id="a kernel that fails"),
    pytest.param(dict(available=True, starts=False, error="CUDA error: initialization error"), "PyTorch doesn't start "
                 'the NVIDIA GPU (CUDA error: initialization error): first make `python -c "import torch; '
                 'torch.cuda.init()"` work', id="a GPU that is counted and doesn't start"),
])
def test_what_keeps_pytorch_from_a_gpu_is_one_sentence_with_the_remedy(case, told, machine):
    machine(**case)
    chinese = translated(f"needs a CUDA device: {told}", "zh")

    assert refusal() == told
    assert (told == NO_CARD) == ("on a machine with one" in told)
    assert not re.search(r"\b(the|is|of|and|or|for|only|later|it)\b", chinese), chinese


@pytest.mark.parametrize("kernel, capability, runs", [
    ("sm_80", (8, 6), True), ("sm_86", (8, 0), False), ("sm_80", (9, 0), False), ("sm_90a", (9, 0), True),
    ("sm_100", (10, 3), True), ("compute_90", (12, 0), True), ("compute_120", (9, 0), False)])
def test_code_runs_on_later_gpus_of_its_major_version_or_of_any(kernel, capability, runs):
    assert kernel_runs_on(kernel, capability) == runs


@pytest.mark.parametrize("version, driver", [
    ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12\nGCC version 12.3\n", 535),
    ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n", 580),
    ("another text", None), (None, None),
])
def test_without_nvidia_smi_the_driver_tells_the_card(version, driver, machine):
    nvidia = machine() / "nvidia"
    (nvidia / "gpus/0000:00:1e.0").mkdir(parents=True)
    (nvidia / "gpus/0000:00:1e.0/information").write_text("Model: \t\t Tesla T4\nIRQ:   \t\t 10\n")
    if version:
        (nvidia / "version").write_text(version)

    assert find_card() == Card("Tesla T4", driver)


@pytest.mark.parametrize("vendor, kind, told", [
    pytest.param("0x10de", "0x030200", "no driver is loaded for the NVIDIA GPU here: install NVIDIA's, 580 or later",
                 id="a GPU without a driver"),
    pytest.param("0x10de", "0x040300", NO_CARD, id="an NVIDIA device that is no GPU"),
    pytest.param("0x1002", "0x030000", NO_CARD, id="a GPU of others"),
])
def test_without_a_driver_the_bus_tells_the_card(vendor, kind, told, machine):
    slot = machine() / "pci" / "0000:00:1e.0"
    slot.mkdir(parents=True)
    (slot / "vendor").write_text(f"{vendor}\n")
    (slot / "class").write_text(f"{kind}\n")

    assert refusal() == told


def test_a_card_of_which_nvidia_smi_tells_little_is_found(machine):
    machine(smi=["NVIDIA A10, [N/A], [N/A]"])

    assert find_card() == Card("NVIDIA A10", None, None)


@pytest.mark.parametrize("name, answer", [
    ("nvidia-smi", "Tesla T4, 470; exit 18"), ("nvidia-smi", "No devices were found"), ("absent", "Tesla T4, 470")])
def test_nvidia_smi_that_knows_no_gpu_is_as_if_absent(name, answer, tmp_path, monkeypatch):
    (tmp_path / name).write_text(f"#!/bin/sh\necho {answer}\n")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert cuda.nvidia_smi("name,driver_version") == []
