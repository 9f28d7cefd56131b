"""seccomp: a filter on system calls, which a Linux process can lay on itself without any privilege."""

import ctypes
import platform

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE = {"x86_64": 56, "aarch64": 220}  # of threads, which it is for as well, nothing is taken away
DENIED = {  # numbers by architecture; None where there is no such call
    "socket": (41, 198),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
}
CLONE3, CLONE_THREAD, X32 = 435, 0x10000, 0x40000000
LOAD, EQUAL, AT_LEAST, HAS_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # steps of the filter's machine
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where these lie, in bytes
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


class Step(ctypes.Structure):
    """Of the filter: what to do, how many steps to skip where a test says yes or no, and an operand."""

    _fields_ = [
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    ]


class Program(ctypes.Structure):
    """The filter as the system wants it."""

    _fields_ = [("length", ctypes.c_uint16), ("steps", ctypes.POINTER(Step))]


def forbid(libc):
    """Refuse this process, from now on, the calls in DENIED and new processes; did it succeed?"""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return False
    steps = [Step(*step) for step in _program(machine)]
    program = Program(len(steps), (Step * len(steps))(*steps))
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0


def _program(machine):
    column = list(ARCHITECTURES).index(machine)
    refuse = (RETURN, 0, 0, EPERM)
    calls = [numbers[column] for numbers in DENIED.values() if numbers[column] is not None]
    denied = [step for call in calls for step in ((EQUAL, 0, 1, call), refuse)]
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        refuse,
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        refuse,
        (EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, ENOSYS),  # glibc then starts its thread by clone, whose flags a filter can read
        (EQUAL, 0, 3, CLONE[machine]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (HAS_BITS, len(denied) + 1, 0, CLONE_THREAD),  # on to the last step
        refuse,
        *denied,
        (RETURN, 0, 0, ALLOW),
    ]
