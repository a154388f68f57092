"""How loops are compiled that no library has; numba keeps the result, so that a machine does it once."""

from __future__ import annotations

from typing import Any

import numba

compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
"""Compile a function. Other Python threads run meanwhile. The order of a sum is the compiler's choice."""
