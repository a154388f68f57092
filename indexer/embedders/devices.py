"""The machine under the network: devices, engines, cores, and an allocator that keeps large blocks."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from indexer.errors import ConfigurationError

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8  # malloc.h of glibc


def choose_device(wanted: str = "auto") -> str:
    """Turn a user's device into one that torch takes: ``cpu``, ``mps`` or ``cuda:N``.

    Args:
        wanted: ``auto`` (CUDA before MPS before CPU), ``cpu``, ``mps``, ``cuda`` or ``cuda:N``.

    Raises:
        ConfigurationError: There is no such device; the message lists those there are.
    """
    if wanted == "cpu":
        return "cpu"  # without importing torch
    available = list_devices()
    if wanted == "auto":
        return available[0]
    device = "cuda:0" if wanted == "cuda" else wanted
    if device not in available:
        raise ConfigurationError(f"no device '{wanted}'; this machine has: {', '.join(available)}")
    return device


def list_devices() -> list[str]:
    """The devices of this machine as torch names them, fastest first; always ends with ``cpu``."""
    let_threads_sleep()
    import torch

    devices = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return [*devices, "cpu"]


def count_cores() -> int:
    """Cores this process may use: its affinity, less where a container's quota (cgroup 2) says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup 2, or "max": no quota
        return cores


def has_openvino() -> bool:
    """Whether OpenVINO is installed; imports nothing."""
    return find_spec("openvino") is not None


def describe_engines() -> str:
    """Say what runs networks on this machine unless an engine is named; imports nothing."""
    if has_openvino():
        return "openvino on a CPU, torch on a GPU"
    return "torch (OpenVINO is not installed; on a CPU it is nearly twice as fast)"


def let_threads_sleep() -> None:
    """Make torch's threads on the CPU sleep while they wait for each other, instead of spinning.

    OpenMP's default suits a machine of one's own. Beside anything else that computes, such as our own decoding threads,
    a spinning thread takes the very core that the awaited one needs. On two busy cores, two spinning threads did 9 to
    12 images per second and two sleeping ones 30 to 33. On idle cores they are equally fast. Must come before torch is
    imported; a policy that the user set stands.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@functools.cache
def keep_large_blocks() -> None:
    """Tell glibc's allocator to keep freed blocks instead of returning them to the system. Linux with glibc only.

    Torch allocates every layer's activations anew. By default glibc maps each large block from the kernel and unmaps it
    on free, so that every layer faults in thousands of zeroed pages. That was 1,600 to 6,300 page faults per image, and
    1.5 to 2.4 times the time. Threads other than the main one allocate from arenas of 64 MB, whose large blocks are
    mapped and unmapped all the same. So there is a single arena: 67 instead of 45 images per CPU second in two threads.
    Affects the whole process (about 50 MB more memory at batch 16), and must come before the network's first tensor.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another C library, such as musl
        return
    mallopt(_M_ARENA_MAX, 1)
    mallopt(_M_MMAP_THRESHOLD, 1 << 30)
    mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
    mallopt(_M_TOP_PAD, 64 << 20)
