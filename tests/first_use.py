"""What a first user meets, with plain Python: no extra and no test tool is needed.

Imports every module but those of an extra that is not installed, indexes the sample project in a folder of its own,
and looks for the labels that are wrong on purpose.
"""

import importlib
import importlib.util
import json
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PACKAGES = ("lookalike", "indexer", "api", "explorer")
OF_AN_EXTRA = {"indexer.embedders.huggingface_network": "transformers"}
"""The modules that are only imported where an extra is in use, and what that extra brings."""
LEAST_FOUND = 50
"""Of 54 wrong labels; the README promises 51."""


def import_everything() -> int:
    """Import every module of ours that this installation can, and return how many there are."""
    names = []
    for package in map(importlib.import_module, PACKAGES):
        names += [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    left_out = {name for name, needed in OF_AN_EXTRA.items() if importlib.util.find_spec(needed) is None}
    for name in names:
        if not name.endswith("__main__") and name not in left_out:
            importlib.import_module(name)
    return len(names) - len(left_out)


def identity(entry: dict[str, str]) -> tuple[str, str, str]:
    """Return what is the same in the list of wrong labels and in the list of suspects."""
    return entry["dataset"], entry["image_name"], str(entry["object_key"])


def ask(data_dir: str, *arguments: str) -> Any:
    """Run one command as a person would, and return the JSON that it prints."""
    command = [sys.executable, "-m", "lookalike", *arguments, "--json", "--data-dir", data_dir]
    finished = subprocess.run(command, check=True, timeout=600, stdout=subprocess.PIPE)
    return json.loads(finished.stdout)


def main() -> int:
    """Return 0 if a first user finds what the README promises, else 1."""
    n_modules = import_everything()
    with tempfile.TemporaryDirectory() as data_dir:
        demo = ask(data_dir, "demo", "--no-serve")
        wrong = {identity(entry) for entry in json.loads(Path(demo["flipped"]).read_text(encoding="utf-8"))}
        listed = {identity(suspect) for suspect in ask(data_dir, "suspects", "--limit", str(len(wrong)))}
    n_found = len(wrong & listed)
    print(f"first use: {n_modules} modules imported, {n_found} of {len(wrong)} wrong labels found")  # noqa: T201
    return 0 if n_found >= LEAST_FOUND else 1


if __name__ == "__main__":
    sys.exit(main())
