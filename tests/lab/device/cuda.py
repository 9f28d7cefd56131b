"""Whether this PyTorch can use this machine's NVIDIA GPU; and if not, why, and what helps."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import torch

from lab.device.builds import DRIVERS, Card, kernel_runs_on, ready, remedy

NO_CARD = "run `pytest -m gpu` on a machine with one"
PCI, PROC = Path("/sys/bus/pci/devices"), Path("/proc/driver/nvidia")
NVIDIA, DISPLAY = "0x10de", "0x03"  # PCI's vendor, and the class of what draws or computes


@cache
def refusal():
    """Why PyTorch has no NVIDIA GPU to use, with the remedy; "" where it has one."""
    if torch.cuda.is_available():
        return lacking(torch.device("cuda", 0))
    card, version, cuda = find_card(), torch.__version__, torch.version.cuda
    if card is None:
        return NO_CARD
    if cuda is None:
        return f"PyTorch {version} is a build without CUDA, and there is an NVIDIA GPU ({card.name}): {remedy(card)}"
    if card.driver == 0:
        return f"no driver is loaded for the NVIDIA GPU here: install NVIDIA's, {DRIVERS['13']} or later"
    hiding = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hiding is not None:
        return f"CUDA_VISIBLE_DEVICES={hiding} hides the {card.name}: unset it, or name a GPU that nvidia-smi lists"
    needed = DRIVERS.get(cuda.partition(".")[0], 0)
    if card.driver is not None and card.driver < needed:
        old = f"driver {card.driver} of the {card.name} is too old for PyTorch {version} with CUDA {cuda}"
        others = "".join(f", or {build.command}" for build in ready(card))
        return f"{old}: update it to {needed} or later{others}"
    return _not_started(card.name, _first_error(torch.cuda.init))


@cache
def lacking(device):
    """What a GPU that PyTorch finds lacks to run a kernel, with the remedy; "" where one of one element runs."""
    if error := _first_error(torch.cuda.init):
        return _not_started("NVIDIA GPU", error)
    name, capability = torch.cuda.get_device_name(device), torch.cuda.get_device_capability(device)
    kernels = torch.cuda.get_arch_list() if torch.version.cuda else []
    error = _first_error(lambda: torch.ones(1, device=device).add_(1).item())
    if "no kernel image" in error or (kernels and not any(kernel_runs_on(kernel, capability) for kernel in kernels)):
        of_the_card = f"{name} (sm_{capability[0]}{capability[1]})"
        found = f"PyTorch {torch.__version__} has no kernels for the {of_the_card}, only {' '.join(kernels)}"
        return f"{found}: {remedy(Card(name, capability=capability))}"
    if error:
        return (
            f"a kernel of one element fails on the {name} ({error}): free it of other programs, nvidia-smi lists them"
        )
    return ""


def _not_started(name, error):
    command = 'python -c "import torch; torch.cuda.init()"'
    return f"PyTorch doesn't start the {name} ({error}): first make `{command}` work"


def find_card():
    """The first Card that nvidia-smi, the driver or the PCI bus lists; None where there is none."""
    for fields in ("name,driver_version,compute_cap", "name,driver_version"):  # old drivers don't know the last
        for line in nvidia_smi(fields):
            name, driver, *capability = line.split(", ")
            return Card(name, (_numbers(driver) or [None])[0], _numbers(*capability) if capability else None)
    for information in sorted(PROC.glob("gpus/*/information")):
        model = re.search(r"^Model:\s*(.+)$", _text(information), flags=re.MULTILINE)
        version = re.search(r"Kernel Module.*?\s(\d+)\.", _text(PROC / "version"))
        return Card(model[1] if model else "NVIDIA GPU", int(version[1]) if version else None)
    for device in sorted(PCI.glob("*")):
        if _text(device / "vendor").startswith(NVIDIA) and _text(device / "class").startswith(DISPLAY):
            return Card("NVIDIA GPU", driver=0)
    return None


def _text(path):
    """What a file of the system says; "" where it can't be read."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _numbers(text):
    """(535, 183, 1) of "535.183.01"; None of "[N/A]"."""
    return tuple(map(int, text.split("."))) if re.fullmatch(r"\d+(\.\d+)*", text) else None


def nvidia_smi(fields):
    """What nvidia-smi answers, a line a GPU; [] where it is absent, or can't."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        asked = [program, f"--query-gpu={fields}", "--format=csv,noheader"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return []
    answers = [line for line in done.stdout.splitlines() if line.count(", ") == fields.count(",")]
    return answers if done.returncode == 0 else []


def _first_error(call):
    """The first sentence of what `call` raises; "" if nothing."""
    try:
        call()
    except (RuntimeError, AssertionError, torch.cuda.DeferredCudaCallError) as error:
        return str(error).splitlines()[0].partition(". ")[0].rstrip(".")
    return ""
