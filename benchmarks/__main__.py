"""``make bench``: every benchmark at its default size, one process each, so that none warms up another."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    *("indexing", "embedding", "label_noise", "duplicates", "projection", "scale", "responsiveness"),
    *("page", "map_frames", "load"),
)


def main() -> None:
    """Run them one after another; the exit code is that of the first that failed."""
    for name in BENCHMARKS:
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
        if done.returncode:
            raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
