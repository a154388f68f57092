"""Cold loads of the explorer and of a bare page in turns: wall time until they are seen, and the browser's CPU time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from playwright.sync_api import Browser

from benchmarks.bare_page import BUTTON
from benchmarks.ports import free_port

MAP_IS_PAINTED: Final = """async () => {
  const script = document.querySelector('script[type=module]');
  if (!script) return false;
  const { early } = await import(script.src);  // it paints the map, and the page takes it over
  const map = window.lookalike?.map ?? early.map.map;
  return map?.nPoints > 0 && map.renderer.isComplete && map.canvas.checkVisibility();
}"""
SUSPECTS_ARE_LISTED: Final = "() => document.querySelector('.suspect') !== null"
BARE_IS_SHOWN: Final = f"() => [...document.querySelectorAll('button')].some((one) => one.innerText === '{BUTTON}')"
MOST_TIMES_BARE: Final = 1.5
"""Bound of the ratio of medians, cold load to painted map by cold load of the bare page."""
_SETTLED_MS: Final = 700
"""After so long the first work of a page is over, and its CPU time is counted."""


@dataclass(slots=True)
class Loads:
    """Loads of one page: ms until it is seen, ms until the list is there, and CPU seconds by kind of process."""

    shown_ms: list[float] = field(default_factory=list)
    listed_ms: list[float] = field(default_factory=list)
    cpu_s: list[Counter[str]] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)


def measure_loads(browser: Browser, url: str, options: dict[str, Any], n: int) -> tuple[Loads, Loads]:
    """Load both pages n times in turns, each in a fresh window without a cache; gives the bare one's and ours."""
    bare, ours = Loads(), Loads()
    with serve_bare() as bare_url:
        for number in range(n + 1):
            loads = (Loads(), Loads()) if number == 0 else (bare, ours)  # the first one warms up the servers
            _load(browser, bare_url, options, loads[0], [BARE_IS_SHOWN])
            _load(browser, url, options, loads[1], [MAP_IS_PAINTED, SUSPECTS_ARE_LISTED])
    return bare, ours


def _load(browser: Browser, url: str, options: dict[str, Any], loads: Loads, conditions: list[str]) -> None:
    with browser.new_context(**options) as context:
        before, page = _cpu_times(), context.new_page()
        started = time.perf_counter()
        page.goto(url, wait_until="commit")  # what is seen before the page has loaded counts
        for condition, times in zip(conditions, (loads.shown_ms, loads.listed_ms), strict=False):
            page.wait_for_function(condition)
            times.append(1000 * (time.perf_counter() - started))
        page.wait_for_timeout(_SETTLED_MS)
        loads.cpu_s.append(_cpu_times() - before)
        loads.requests.append(page.evaluate("1 + performance.getEntriesByType('resource').length"))


def _cpu_times() -> Counter[str]:
    """CPU seconds of the browser's processes so far, by kind; Linux tells them."""
    times: Counter[str] = Counter()
    children: dict[int, list[int]] = {}
    spent: dict[int, tuple[str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text(errors="replace").replace("\0", " ").split(" ")
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has ended
        kind = next((word.removeprefix("--type=") for word in words if word.startswith("--type=")), "browser")
        is_browser = "chrom" in words[0] or "--type=" in words[0]
        children.setdefault(int(fields[1]), []).append(int(folder.name))
        ticks = int(fields[11]) + int(fields[12]) if is_browser else 0
        spent[int(folder.name)] = kind, ticks / os.sysconf("SC_CLK_TCK")
    todo = [os.getpid()]
    while todo:
        process = todo.pop()
        kind, seconds = spent.get(process, ("", 0.0))
        times[kind] += seconds  # type: ignore[assignment]
        todo += children.get(process, [])
    return times


def report_loads(bare: Loads, ours: Loads) -> bool:
    """Print both, and how many times as long ours takes; whether the bound is kept."""
    for what, times in (
        ("cold load, bare page", bare.shown_ms),
        ("cold load -> painted map", ours.shown_ms),
        ("cold load -> suspects", ours.listed_ms),
    ):
        p50, p95 = np.percentile(times, (50, 95))
        print(f"{what:28} n={len(times):3} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms", flush=True)
    for what, loads in (("bare page", bare), ("explorer", ours)):
        kinds = sorted({kind for one in loads.cpu_s for kind in one})
        parts = [f"{kind} {np.median([one[kind] for one in loads.cpu_s]):.2f}" for kind in kinds]
        total, n_requests = np.median([one.total() for one in loads.cpu_s]), np.median(loads.requests)
        print(f"{f'CPU of a cold load, {what}':32} {total:.2f} s ({', '.join(parts)}), {n_requests:.0f} requests")
    ratio = float(np.median(ours.shown_ms) / np.median(bare.shown_ms))
    cpu = float(np.median([o.total() for o in ours.cpu_s]) / np.median([b.total() for b in bare.cpu_s]))
    missed = "" if ratio <= MOST_TIMES_BARE else ", missed"
    print(f"painted map / bare page      {ratio:.2f} (bound {MOST_TIMES_BARE}{missed}), CPU of the browser {cpu:.2f}")
    return ratio <= MOST_TIMES_BARE


@contextmanager
def serve_bare() -> Iterator[str]:
    """Serve the bare page in a process of its own; gives the address."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_page", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    try:
        while server.poll() is None:
            try:
                httpx.get(url).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()
