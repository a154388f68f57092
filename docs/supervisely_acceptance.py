"""Asks a live Supervisely server what no documentation tells, in a scratch project that it removes in the end.

    export SERVER_ADDRESS=https://... API_TOKEN=...
    python docs/supervisely_acceptance.py --workspace ID

It makes one project with three images, edits it, and prints one line per question. ``differs`` is no failure: it says
which of the server's habits Lookalike has to live with, and ``docs/supervisely.md`` says what follows from it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from PIL import Image

from indexer.errors import IndexerError
from indexer.sources.supervisely_server import SuperviselyServer

NAME = "lookalike acceptance (may be removed)"
PAUSE_S = 1.1  # time stamps may be cut to seconds


class Scratch:
    """The scratch project: a data set of three images, each with one rectangle."""

    def __init__(self, server: SuperviselyServer, workspace: int) -> None:
        self.server = server
        self.project = server.ask("projects.add", {"workspaceId": workspace, "name": f"{NAME} {time.time():.0f}"})["id"]
        classes = [{"title": title, "shape": "any", "color": "#208020"} for title in ("cat", "dog")]
        server.ask("projects.meta.update", {"id": self.project, "meta": {"classes": classes, "tags": []}})
        meta = server.ask("projects.meta", {"id": self.project})
        self.classes = {one["title"]: one["id"] for one in meta["classes"]}
        self.dataset = server.ask("datasets.add", {"projectId": self.project, "name": "ds"})["id"]
        self.images = [self._upload(number) for number in range(3)]
        self.figures = [self._label(image) for image in self.images]
        tag = {"title": "night", "color": "#202080"}
        tag["settings"] = {"type": "none", "applicableType": "all", "targetType": "all"}  # type: ignore[assignment]
        self.tag = server.ask("tags.bulk.add", {"projectId": self.project, "tags": [tag]})[0]["id"]

    def _upload(self, number: int) -> int:
        buffer = io.BytesIO()
        Image.new("RGB", (60, 40), (40 * number, 90, 160)).save(buffer, "PNG")
        data = buffer.getvalue()
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        answer = self.server.api.post_httpx("images.bulk.upload", files={"0-file": ("0", data, "image/png")})
        assert answer.json()[0]["hash"] == checksum, "the server hashes files in another way"
        images = [{"title": f"{number}.png", "hash": checksum}]
        return int(self.server.ask("images.bulk.add", {"datasetId": self.dataset, "images": images})[0]["id"])

    def _label(self, image: int) -> int:
        points = {"exterior": [[2, 3], [12, 23]], "interior": []}
        figure = {"entityId": image, "classId": self.classes["cat"], "geometryType": "rectangle"}
        figure |= {"geometry": {"points": points}, "meta": {}}
        body = {"datasetId": self.dataset, "figures": [figure]}
        return int(self.server.ask("figures.bulk.add", body)[0]["id"])

    def times(self) -> tuple[str, str]:
        """Time stamps of the first image and of its object."""
        image = self.server.ask("images.info", {"id": self.images[0]})
        return image["updatedAt"], self.server.ask("figures.info", {"id": self.figures[0]})["updatedAt"]

    def moved_by(self, edit: Callable[[], Any]) -> str:
        """Which time stamps an edit moves."""
        before = self.times()
        time.sleep(PAUSE_S)
        edit()
        after = self.times()
        moved = [name for name, old, new in zip(("image", "object"), before, after, strict=True) if old != new]
        return " and ".join(moved) or "neither"

    def list_rows(self, method: str, **asked: Any) -> dict[str, Any]:
        """One page of a list of the project."""
        return self.server.ask(method, {"projectId": self.project, "filter": [], **asked})  # type: ignore[no-any-return]

    def remove(self) -> None:
        """Remove the project."""
        self.server.reopen()
        self.server.ask("projects.remove", {"id": self.project})


def tell(question: str, found: object, expected: object) -> None:
    """Print one line."""
    print(f"{'as expected' if found == expected else 'differs    '}  {question}: {found}")


def ask_time_stamps(scratch: Scratch) -> None:
    """Question 1: what moves when something is edited."""
    ask, figure, image = scratch.server.ask, scratch.figures[0], scratch.images[0]
    points = {"exterior": [[3, 3], [12, 23]], "interior": []}
    both = "image and object"
    edits = {
        "a moved object moves": (lambda: ask("figures.editInfo", {"id": figure, "geometry": {"points": points}}), both),
        "a class edited in place moves": (
            lambda: ask("figures.editInfo", {"id": figure, "classId": scratch.classes["dog"]}),
            both,
        ),
        "a tag on an object moves": (
            lambda: ask("object-tags.add-to-object", {"figureId": figure, "tagId": scratch.tag}),
            both,
        ),
        "a tag on an image moves": (
            lambda: ask("image-tags.bulk.add-to-image", {"ids": [image], "tagId": scratch.tag}),
            "image",
        ),
    }
    for question, (edit, expected) in edits.items():
        try:
            tell(question, scratch.moved_by(edit), expected)
        except IndexerError as error:
            tell(question, f"refused, {error}", expected)
    class_id = ask("figures.info", {"id": figure})["classId"]
    tell("figures.editInfo changes the class", class_id == scratch.classes["dog"], expected=True)
    before = ask("images.info", {"id": scratch.images[1]})["updatedAt"]
    time.sleep(PAUSE_S)
    ask("figures.bulk.remove", {"figureIds": [scratch.figures[1]]})
    after = ask("images.info", {"id": scratch.images[1]})["updatedAt"]
    tell("a removed object moves its image", after != before, expected=True)


def ask_lists(scratch: Scratch) -> None:
    """Question 2: filters, sorting, projects and pages of lists."""
    newest = max(row["updatedAt"] for row in scratch.list_rows("images.list")["entities"])
    later = [{"field": "updatedAt", "operator": "gt", "value": newest}]
    tell("images.list filters by updatedAt", len(scratch.list_rows("images.list", filter=later)["entities"]), 0)
    page = scratch.list_rows("images.list", per_page=2, sort="id", sort_order="asc")
    told = (page.get("total"), page.get("perPage"), len(page["entities"]))
    tell("images.list tells total and perPage", told, (3, 2, 2))
    try:
        rows = scratch.list_rows("figures.list", sort="updatedAt", sort_order="desc", per_page=20_000)
    except IndexerError as error:
        tell("figures.list takes a project", f"refused, {error}", 20_000)
        return
    times = [row["updatedAt"] for row in rows["entities"]]
    tell("figures.list sorts by updatedAt", times == sorted(times, reverse=True), expected=True)
    tell("figures.list tells perPage", rows.get("perPage"), 20_000)
    tell("figures.list names the image", {"entityId", "imageId"} & set(rows["entities"][0]) != set(), expected=True)
    counts = [row.get("labelsCount") for row in scratch.list_rows("images.list")["entities"]]
    tell("labelsCount follows at once", sum(int(one or 0) for one in counts), rows.get("total"))


def ask_tags(scratch: Scratch) -> None:
    """Question 4: whether a tag can be given twice."""
    try:
        scratch.server.ask("image-tags.bulk.add-to-image", {"ids": [scratch.images[0]], "tagId": scratch.tag})
        tell("a tag that is there is refused", found=False, expected=True)
    except IndexerError:
        tell("a tag that is there is refused", found=True, expected=True)


def run_lookalike(scratch: Scratch) -> None:
    """Index twice: everything, then nothing."""
    with tempfile.TemporaryDirectory() as folder:
        program = "from lookalike.commands.main import main; main()"
        command = [sys.executable, "-c", program, "index", f"supervisely://{scratch.project}", "--json"]
        for name, expected in (("first run embeds", 2), ("second run embeds", 0)):
            done = subprocess.run([*command, "--data-dir", folder], capture_output=True, text=True, check=False)  # noqa: S603
            found = json.loads(done.stdout)["instances"]["embedded"] if done.returncode == 0 else done.stderr.strip()
            tell(f"lookalike index, {name}", found, expected)


def main() -> None:
    """Ask everything."""
    parser = argparse.ArgumentParser(description="Ask a live Supervisely server what no documentation tells.")
    parser.add_argument("--workspace", type=int, required=True, help="where the scratch project is made")
    parser.add_argument("--skip-index", action="store_true", help="only ask; do not run 'lookalike index'")
    arguments = parser.parse_args()
    server = SuperviselyServer.connect()
    scratch = Scratch(server, arguments.workspace)
    try:
        for ask in (ask_time_stamps, ask_lists, ask_tags, *(() if arguments.skip_index else (run_lookalike,))):
            ask(scratch)
    finally:
        scratch.remove()
        server.close()


if __name__ == "__main__":
    main()
