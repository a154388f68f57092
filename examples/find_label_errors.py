"""List the labels that their neighborhood contradicts, and write them to a CSV file for review.

    lookalike demo --no-serve            # or: lookalike index FOLDER
    python examples/find_label_errors.py suspects.csv

It works while the explorer is open, too: it then asks the server.
"""

from __future__ import annotations

import csv
import sys

import lookalike

COLUMNS = ("score", "image_name", "object_key", "class_name", "suggested_class", "reason", "id")


def main(path: str, data_dir: str | None = None) -> int:
    """Write the suspects to a file; returns how many there are."""
    with lookalike.connect(data_dir) as client:
        suspects = client.suspects(limit=200).to_list()
    with open(path, "w", newline="", encoding="utf-8") as file:  # noqa: PTH123 - an example for everybody
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for suspect in suspects:
            writer.writerow([getattr(suspect, column) for column in COLUMNS])
    return len(suspects)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: find_label_errors.py FILE.csv [DATA_DIR]")
    try:
        print(f"{main(*sys.argv[1:3])} suspect labels written to {sys.argv[1]}")
    except lookalike.LookalikeError as error:
        sys.exit(str(error))
