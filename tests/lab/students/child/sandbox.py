"""What a student's code may not do, taken away from the process that runs it before it runs.

Limits of time, memory and file size everywhere; on Linux also no file outside Python, torch and the fresh folder, no
new process, no network, no hold on another process, and none of root's privileges. `enter` tells what the system could
take away, so that a report claims no more than was so.
"""

import ctypes
import os
import platform
import resource
import signal

from . import landlock, seccomp

CPU, MEMORY, FILE = 60, 2 * 2**30, 16 * 2**20  # seconds; bytes beyond what torch holds; bytes of a file
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, CAPABILITIES_VERSION_3 = 1, 38, 0x20080522


def enter(work):
    """Take away all but the folder `work`; {"files", "processes", "network"}: was this taken away?"""
    _limit()
    if platform.system() != "Linux":
        return {"files": False, "processes": False, "network": False}
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    confined = landlock.confine(libc, work)
    libc.capset((ctypes.c_uint32 * 2)(CAPABILITIES_VERSION_3, 0), (ctypes.c_uint32 * 6)())
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # a grader that is killed leaves no one behind
    filtered = seccomp.forbid(libc)
    return {"files": confined, "processes": filtered, "network": filtered}


def _limit():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as file:
            held = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
