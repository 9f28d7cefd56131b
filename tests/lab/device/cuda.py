"""Whether this PyTorch can use this machine's NVIDIA GPU; and if not, why, and what helps.

Sources. Which GPUs a build of PyTorch has kernels for: RELEASE.md of pytorch/pytorch, "PyTorch CUDA Support Matrix";
that 2.14 is the last with CUDA 12.6: its issue 190385. Which driver a build needs: NVIDIA, "CUDA Compatibility", minor
version compatibility.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

DRIVERS = {"11": 450, "12": 525, "13": 580}  # the oldest that serves a CUDA release
NO_CARD = "run `pytest -m gpu` on a machine with one"
PCI, PROC = Path("/sys/bus/pci/devices"), Path("/proc/driver/nvidia")
NVIDIA, DISPLAY = "0x10de", "0x03"  # PCI's vendor, and the class of what draws or computes


@dataclass(frozen=True)
class Card:
    """An NVIDIA GPU as the system knows it, without PyTorch; None for what it doesn't tell."""

    name: str
    driver: int | None = None  # major version; 0 where none is loaded
    capability: tuple[int, int] | None = None


@dataclass(frozen=True)
class Build:
    """A build of PyTorch: what pip is asked for, the compute capabilities it has kernels for, and its oldest driver."""

    pip: str
    capabilities: tuple[tuple[int, int], tuple[int, int]]
    driver: int

    @property
    def command(self):
        return f"pip install --force-reinstall {self.pip}"

    def serves(self, card):
        """Has it kernels for the card?"""
        least, most = self.capabilities
        return least <= (card.capability or least) <= most

    def runs_on(self, card):
        """Is the card's driver recent enough?"""
        return card.driver is None or card.driver >= self.driver


BUILDS = (
    Build("torch torchvision", ((7, 5), (99, 0)), DRIVERS["13"]),
    Build(
        '"torch<2.15" torchvision --index-url https://download.pytorch.org/whl/cu126', ((5, 0), (9, 0)), DRIVERS["12"]
    ),
)


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
        others = "".join(f", or {build.command}" for build in BUILDS if build.serves(card) and build.runs_on(card))
        return f"{old}: update it to {needed} or later{others}"
    command = 'python -c "import torch; torch.cuda.init()"'
    return f"PyTorch doesn't start the {card.name} ({_first_error(torch.cuda.init)}): first make `{command}` work"


@cache
def lacking(device):
    """What a GPU that PyTorch finds lacks to run a kernel, with the remedy; "" where one of one element runs."""
    name, capability = torch.cuda.get_device_name(device), torch.cuda.get_device_capability(device)
    kernels = torch.cuda.get_arch_list() if torch.version.cuda else []
    error = _first_error(lambda: torch.ones(1, device=device).add_(1).item())
    if "no kernel image" in error or (kernels and not any(runs_on(kernel, capability) for kernel in kernels)):
        of_the_card = f"{name} (sm_{capability[0]}{capability[1]})"
        found = f"PyTorch {torch.__version__} has no kernels for the {of_the_card}, only {' '.join(kernels)}"
        return f"{found}: {remedy(Card(name, capability=capability))}"
    if error:
        return (
            f"a kernel of one element fails on the {name} ({error}): free it of other programs, nvidia-smi lists them"
        )
    return ""


def runs_on(kernel, capability):
    """Whether code for an architecture, such as sm_86 or compute_90, runs on a GPU of this compute capability.

    Machine code (sm) runs on later GPUs of the same major version; intermediate code (compute) on all later ones.
    """
    kind, _, number = kernel.partition("_")
    digits = "".join(filter(str.isdigit, number))
    made_for = int(digits[:-1]), int(digits[-1])
    return made_for <= capability and (kind == "compute" or made_for[0] == capability[0])


def remedy(card):
    """What to install for this card."""
    serving = [build for build in BUILDS if build.serves(card)]
    ready = [build for build in serving if build.runs_on(card)]
    if ready:
        return ready[0].command
    if serving:
        return f"update NVIDIA's driver to {serving[0].driver} or later, and {serving[0].command}"
    return "no build of PyTorch since 2.6 has kernels for it; take another GPU, or --device=cpu"


def find_card():
    """The first Card that nvidia-smi, the driver or the PCI bus lists; None where there is none."""
    for fields in ("name,driver_version,compute_cap", "name,driver_version"):  # old drivers don't know the last
        for line in nvidia_smi(fields):
            name, driver, *capability = line.split(", ")
            return Card(name, (_numbers(driver) or [None])[0], _numbers(*capability) if capability else None)
    for information in sorted(PROC.glob("gpus/*/information")):
        model = re.search(r"^Model:\s*(.+)$", information.read_text(), flags=re.MULTILINE)
        version = re.search(r"Module\s+([\d.]+)", (PROC / "version").read_text())
        return Card(model[1] if model else "NVIDIA GPU", _numbers(version[1])[0] if version else None)
    for device in sorted(PCI.glob("*")):
        if (device / "vendor").read_text().strip() == NVIDIA and (device / "class").read_text().startswith(DISPLAY):
            return Card("NVIDIA GPU", driver=0)
    return None


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
    return done.stdout.strip().splitlines() if done.returncode == 0 else []


def _first_error(call):
    """The first sentence of what `call` raises; "" if nothing."""
    try:
        call()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0].partition(". ")[0].rstrip(".")
    return ""
