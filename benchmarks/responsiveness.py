"""Does the page answer while work goes on? Latencies of a real server, before and during an index run, a build, a map.

The server is a process of its own; so is the run, which reads generated images and embeds with numbers that cost next
to nothing, so that points come faster than any network makes them. The search index is asked for although this size
needs none. Bounds: health p99 <= 200 ms, neighbors p95 <= 500 ms, Ctrl+C answered within a second.

    python -m benchmarks.responsiveness --objects 100000
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np

HEALTH_MS: Final = 200.0
NEIGHBORS_MS: Final = 500.0
STOP_S: Final = 1.0
_SERVER: Final = """
import sys
from indexer.stores import search_index
search_index.EXACT_BYTES = 2**20  # so that this collection gets an index
from lookalike.commands.main import main
main(["serve", "--port", sys.argv[1], "--data-dir", sys.argv[2]])
"""


class Latencies:
    """Asks a server all the time in threads, and keeps how long each answer took, by what went on meanwhile.

    A question that could not be asked because an earlier one had no answer yet counts, too, from when it was due:
    a freeze of a second weighs a second, not one question.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http, self._is_over = http, threading.Event()
        self.phase, self.seconds = "idle", {}
        self._ids: list[str] = []
        self._path = ""
        self._threads = [
            threading.Thread(target=self._repeat, args=("health", self._ask_health, 0.02), daemon=True),
            threading.Thread(target=self._repeat, args=("neighbors", self._ask_neighbors, 0.1), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def know(self, collection: str) -> None:
        """Ask for neighbors in this collection from now on."""
        listed = self._http.get(f"/collections/{collection}/points", params={"limit": 1000}).json()["points"]
        self._ids = [point["id"] for point in listed]
        self._path = f"/collections/{collection}/neighbors"

    def stop(self) -> None:
        """Ask no more."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, what: str, ask: Callable[[], None], pause_s: float) -> None:
        while not self._is_over.wait(pause_s):
            if what == "neighbors" and not self._ids:
                continue
            phase, started = self.phase, time.perf_counter()
            ask()
            took = time.perf_counter() - started
            n_due = int(took / pause_s)
            due = [took - number * pause_s for number in range(n_due + 1)]
            self.seconds.setdefault((phase, what), []).extend(due)

    def _ask_health(self) -> None:
        self._http.get("/health").raise_for_status()

    def _ask_neighbors(self) -> None:
        self._http.post(self._path, json={"ids": [random.choice(self._ids)], "limit": 20}).raise_for_status()


def index_program(n_objects: int, data_dir: Path) -> list[str]:
    """The command of a run that makes ``n_objects`` points."""
    return [sys.executable, "-c", "from benchmarks.synthetic_run import main; main()", str(n_objects), str(data_dir)]


def wait_for_run(http: httpx.Client) -> dict[str, Any]:
    """Wait for the newest run."""
    while (run := http.get("/runs").json()[0])["state"] == "running":
        time.sleep(0.2)
    if run["state"] != "succeeded":
        raise SystemExit(f"the run {run['state']}: {run['error']}")
    return run


def measure_stops(data_dir: Path, n_stops: int, n_objects: int) -> list[float]:
    """Seconds from Ctrl+C to the line that says what is kept, at several moments of a run."""
    took = []
    for number in range(n_stops):
        process = subprocess.Popen(index_program(n_objects, data_dir), stderr=subprocess.PIPE, text=True)
        time.sleep(3 + 1.5 * number)
        if process.poll() is not None or process.stderr is None:
            break
        started = time.perf_counter()
        process.send_signal(signal.SIGINT)
        said = process.stderr.readline()
        took.append(time.perf_counter() - started)
        process.communicate()
        if "kept" not in said:
            raise SystemExit(f"Ctrl+C was answered with: {said[-500:]}")
    return took


def main() -> None:
    """Measure, print, and exit with 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--stops", type=int, default=4)
    parser.add_argument("--method", default="umap")
    parser.add_argument("--slack", type=float, default=1.0, help="factor for all bounds, for a machine that is shared")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = subprocess.Popen([sys.executable, "-c", _SERVER, str(port), folder], stdout=subprocess.DEVNULL)
        try:
            is_kept = measure(Path(folder), port, arguments)
        finally:
            server.terminate()
            server.wait()
    raise SystemExit(0 if is_kept else 1)


def measure(data_dir: Path, port: int, arguments: argparse.Namespace) -> bool:
    """Whether all bounds are kept."""
    while not (data_dir / "server.json").exists():
        time.sleep(0.05)
    token = json.loads((data_dir / "server.json").read_text())["token"]
    http = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=600
    )
    run(1000, data_dir)
    name = wait_for_run(http)["result"]["collection"]
    latencies = Latencies(http)
    latencies.know(name)
    time.sleep(10)
    report_phase(latencies)  # what the machine gives when nothing is done
    latencies.phase = "indexing and building the search index"
    started = time.perf_counter()
    run(arguments.objects, data_dir)
    report = wait_for_run(http)
    print(f"{arguments.objects} objects in {time.perf_counter() - started:.0f} s", report["result"]["instances"])
    is_kept = report_phase(latencies, arguments.slack)
    latencies.phase = "graph and map"
    started = time.perf_counter()
    http.post("/runs", json={"kind": "project", "method": arguments.method}).raise_for_status()
    wait_for_run(http)
    print(f"graph and {arguments.method} map in {time.perf_counter() - started:.0f} s")
    is_kept &= report_phase(latencies, arguments.slack)
    latencies.stop()
    stops = measure_stops(data_dir, arguments.stops, 2 * arguments.objects)
    print("Ctrl+C to its answer, s:", ", ".join(f"{one:.2f}" for one in stops), f"(bound {STOP_S:.0f})")
    return is_kept and max(stops, default=0) <= STOP_S * arguments.slack


def run(n_objects: int, data_dir: Path) -> None:
    """Index in a process of its own."""
    subprocess.run(index_program(n_objects, data_dir), check=True, stderr=subprocess.DEVNULL)


def report_phase(latencies: Latencies, slack: float = 1.0) -> bool:
    """Print what was measured in the phase that ends; whether its bounds are kept."""
    is_kept, phase = True, latencies.phase
    for what, share, bound in (("health", 99, HEALTH_MS), ("neighbors", 95, NEIGHBORS_MS)):
        seconds = list(latencies.seconds.get((phase, what), [0.0]))
        value = float(np.percentile(seconds, share)) * 1000
        is_kept &= value <= bound * slack
        print(
            f"{phase:40} {what:10} n={len(seconds):6} median {np.median(seconds) * 1000:7.1f} ms  "
            f"p{share} {value:7.1f} ms (bound {bound:.0f})  longest {max(seconds) * 1000:7.1f} ms",
            flush=True,
        )
    print(f"{'':40} load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    return is_kept


if __name__ == "__main__":
    main()
