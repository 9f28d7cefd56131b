"""What a device is, in words."""

import platform
import subprocess
from pathlib import Path

import torch


def describe(device):
    """Device, driver and clocks as found, in words: {"device", "driver", "clocks", "software"}."""
    software = f"PyTorch {torch.__version__}"
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        driver, clocks = _nvidia_smi(properties.uuid)
        name = f"{properties.name}, {properties.total_memory / 2**30:.1f} GiB"
        return {
            "device": name,
            "driver": driver,
            "clocks": clocks,
            "software": f"{software}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}",
        }
    name, clocks = cpu()
    used = f", one thread, {torch.backends.cpu.get_cpu_capability()}" if device.type == "cpu" else ""
    return {
        "device": f"{device.type}: {name}{used}",
        "driver": f"{platform.system()} {platform.release()}",
        "clocks": clocks,
        "software": software,
    }


def cpu():
    """(name, clock) of this machine's processor, in words."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    rows = [line.split(":", 1) for line in reversed(info.splitlines()) if ":" in line]  # of several, the first stays
    found = {key.strip(): value.strip() for key, value in rows}
    clock = f"{float(found['cpu MHz']):.0f} MHz" if "cpu MHz" in found else "not known"
    return found.get("model name", platform.processor() or platform.machine()), clock


def _nvidia_smi(uuid):
    """(driver, clocks) as nvidia-smi reports them."""
    wanted = "driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.limit"
    try:
        asked = ["nvidia-smi", f"--query-gpu={wanted}", "--format=csv,noheader", "-i", f"GPU-{uuid}"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True).stdout.strip().split(", ")
        return found[0], "SM {1} (at most {2}), memory {3}, power limit {4}".format(*found)
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        return "not known", f"not known (nvidia-smi: {type(error).__name__})"
