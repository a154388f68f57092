"""OpenVINO without its telemetry.

A plain import sends an event to a statistics service and writes a client id below the user's home folder. Only a user
who has said no before is spared. Without the package that sends, it does neither (checked with 2026.4).

Import this module only where a network is about to be loaded.
"""

from __future__ import annotations

import sys
from contextlib import suppress

_SENDER = "openvino_telemetry"

if _SENDER not in sys.modules:
    sys.modules[_SENDER] = None  # type: ignore[assignment] # Python's way to say that it cannot be imported
try:
    import openvino
    import openvino.tools.ovc.convert_impl
    from openvino import opset13
finally:
    with suppress(KeyError):
        if sys.modules[_SENDER] is None:
            del sys.modules[_SENDER]

__all__ = ["openvino", "opset13"]
