"""How much memory this process has held, for tests that run code in a process of their own."""

from pathlib import Path


def peak_bytes():
    """The most memory held at once since the program was started.

    ``ru_maxrss`` would also count what the parent held when it started this process.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) << 10
