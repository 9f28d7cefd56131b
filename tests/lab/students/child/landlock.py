"""Landlock: a Linux process gives up all files but those that it names, without any privilege (kernel 5.13)."""

import ctypes
import os
import sys

import torch

CREATE, ADD, RESTRICT = 444, 445, 446  # system calls, the same on every architecture
EXECUTE, WRITE, READ, READ_FOLDER = 1, 2, 4, 8
FILE_RIGHTS, ALL_RIGHTS = 7, 2**13 - 1  # of a single file; of the first version
TCP, SCOPES = 3, 3  # bind and connect, from version 4; abstract sockets and signals outwards, from version 6
SYSTEM = ("/usr", "/lib", "/lib64", "/etc/localtime")


class Beneath(ctypes.Structure):
    """A rule: these rights below the folder that the handle is open on."""

    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("handle", ctypes.c_int32)]


def confine(libc, work):
    """Leave this process Python and its packages to read, and the folder `work` to read and write; did it succeed?"""
    version = libc.syscall(CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1 or _threads() > 1:  # of several threads, it would hold for this one alone
        return False
    fields = [ALL_RIGHTS, *([TCP] if version >= 4 else ()), *([SCOPES] if version >= 6 else ())]
    attributes = (ctypes.c_uint64 * len(fields))(*fields)
    ruleset = libc.syscall(CREATE, attributes, ctypes.c_size_t(ctypes.sizeof(attributes)), 0)
    packages = os.path.dirname(os.path.dirname(torch.__file__))
    for path in {sys.prefix, sys.base_prefix, packages, *SYSTEM}:
        _allow(libc, ruleset, path, EXECUTE | READ | READ_FOLDER)
    _allow(libc, ruleset, "/dev/null", READ | WRITE)
    _allow(libc, ruleset, "/dev/urandom", READ)
    _allow(libc, ruleset, work, ALL_RIGHTS)
    return ruleset >= 0 and libc.syscall(RESTRICT, ruleset, 0) == 0


def _allow(libc, ruleset, path, rights):
    if os.path.exists(path):
        handle = os.open(path, os.O_PATH)
        rule = Beneath(rights if os.path.isdir(path) else rights & FILE_RIGHTS, handle)
        libc.syscall(ADD, ruleset, 1, ctypes.byref(rule), 0)
        os.close(handle)


def _threads():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Threads"))
