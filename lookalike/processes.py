"""Other processes of this machine."""

from __future__ import annotations

import os
import sys


def is_alive(pid: int) -> bool:
    """Whether a process lives; on Windows, where asking could end it, every number counts."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0
