"""Load: how many questions of a page a server answers in a second, and how long the slowest twentieth waits.

    python -m benchmarks.load [--clients 1 8 32] [--seconds 10] [--url URL]

Without an address it indexes the sample project and serves it on loopback, in a process of its own. The clients are
threads of this process, each with one connection; each asks without pause. The questions are those of a person who
looks through suspects: the list, one point, its neighbors, and crops.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from lookalike.client.server_file import API_PREFIX

CROPS_PER_POINT = 6
START_TIMEOUT_S = 120


def main() -> None:
    """Measure, and print one line per number of clients."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--url", help="a server that runs already; LOOKALIKE_API_KEY is its key")
    arguments = parser.parse_args()
    if arguments.url:
        measure(arguments.url, arguments.clients, arguments.seconds)
        return
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as url:
        measure(url, arguments.clients, arguments.seconds)


def measure(url: str, numbers: list[int], seconds: float) -> None:
    """Ask with each number of clients for so long."""
    with connect(url) as http:
        name = http.get("/collections").raise_for_status().json()[0]["name"]
        answer = http.get(f"/collections/{name}/points", params={"limit": 1000}).raise_for_status()
        ids = [point["id"] for point in answer.json()["points"]]
        http.post(f"/collections/{name}/suspects", json={"limit": 24}).raise_for_status()  # fits the model once
    print(f"{len(ids)} points of {name}, {seconds:g} s each")
    print(f"{'clients':>8} {'answers/s':>10} {'median':>9} {'p95':>9} {'failed':>7}")
    for n_clients in numbers:
        waits, n_failed = ask_together(url, name, ids, n_clients, seconds)
        median, p95 = np.percentile(waits, [50, 95]) * 1000
        print(f"{n_clients:8} {len(waits) / seconds:10.0f} {median:6.1f} ms {p95:6.1f} ms {n_failed:7}")


def ask_together(url: str, name: str, ids: list[str], n_clients: int, seconds: float) -> tuple[list[float], int]:
    """Seconds that each answer took, and how many were no success."""
    waits: list[float] = []
    failed: list[int] = []
    stop_at = time.monotonic() + seconds

    def work(number: int) -> None:
        choose = random.Random(number)
        with connect(url) as http:
            for method, path, document in questions(name, ids, choose):
                if time.monotonic() > stop_at:
                    return
                began = time.perf_counter()
                answer = http.request(method, path, json=document)
                waits.append(time.perf_counter() - began)
                if not answer.is_success:
                    failed.append(answer.status_code)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(n_clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits, len(failed)


def questions(name: str, ids: list[str], choose: random.Random) -> Iterator[tuple[str, str, object]]:
    """Requests as a page sends them, without end: method, path and document."""
    base = f"/collections/{name}"
    while True:
        yield "POST", f"{base}/suspects", {"limit": 24, "offset": 24 * choose.randrange(3)}
        point_id = choose.choice(ids)
        yield "GET", f"{base}/points/{point_id}", None
        yield "POST", f"{base}/neighbors", {"ids": [point_id], "limit": 20}
        for shown in choose.sample(ids, CROPS_PER_POINT):
            yield "GET", f"{base}/points/{shown}/crop?size=128", None


def connect(url: str) -> httpx.Client:
    """A client of the api, with one connection."""
    key = os.environ.get("LOOKALIKE_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=f"{url}{API_PREFIX}", headers=headers, timeout=60, trust_env=False)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The sample project on a free port, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lookalike = [sys.executable, "-m", "lookalike"]
    subprocess.run([*lookalike, "demo", "--no-serve", "--data-dir", str(folder)], check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        [*lookalike, "serve", "--port", str(port), "--data-dir", str(folder)], stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server is ready."""
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            if httpx.get(f"{url}{API_PREFIX}/ready", trust_env=False).is_success:
                return
        except httpx.ConnectError:
            time.sleep(0.1)
    raise SystemExit(f"{url} did not become ready")


if __name__ == "__main__":
    main()
