"""Image keys of a split that is more than one folder: injective, and the same whatever else the split holds.

An image's key is its folder's short path and its file name. The short path counts from the data set's root. It leaves
out what only the format asks for: the last folder ``images``, the split's own name in front, and darknet's
``obj_train_data``. Thus ``north/images/1.png`` is ``train/north/1.png``, and ``images/train/1.png`` is ``train/1.png``.

Two folders of one split may shorten to the same path (``images`` and ``images/train``), or one into another's. Then the
one that is shortened most keeps the short path. The other is written whole behind ``./``, which no short path begins
with. So a key depends on other images only if it would be theirs too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from indexer.sources.base import image_key


class FolderNames:
    """Names the folders of one split.

    Args:
        split: The split.
        root: The data set's root.
        trees: Folders whose images below them all belong to the split.
        folders: Folders of single images, from list files.
    """

    def __init__(self, split: str, root: str, trees: Collection[str], folders: Collection[str] = ()) -> None:
        self._split, self._root = split, root
        self._names: dict[str, str] = {}
        self._trees: frozenset[str] = frozenset()
        if len(trees) == 1 and not folders:
            self._names = dict.fromkeys(trees, "")
            self._trees = frozenset(trees)
            return
        known = set(trees)
        self._trees = frozenset(tree for tree in known if not any(one in known for one in above(tree)))
        singles = {folder for folder in folders if self.find_tree(folder) is None}
        self._name_all(singles)

    @property
    def trees(self) -> frozenset[str]:
        """The folders to walk: without those that lie in another."""
        return self._trees

    def find_tree(self, folder: str) -> str | None:
        """The folder to walk in which a folder lies, or which it is."""
        return next((one for one in (folder, *above(folder)) if one in self._trees), None)

    def key(self, folder: str, name: str) -> str:
        """The key, after the split, of an image in a folder of the split."""
        found = self._names.get(folder)
        if found is None:
            tree = self.find_tree(folder)
            assert tree is not None  # every folder of the split lies in a tree or was given by itself
            found = self._names[folder] = image_key(self._names[tree], folder.removeprefix(tree).lstrip("/"))
        return f"{found}/{name}" if found else name

    def _name_all(self, singles: Collection[str]) -> None:
        taken = _Taken()
        for _, path, short, folder in sorted((*self._shorten(one), one) for one in (*self._trees, *singles)):
            is_free = taken.add(short, is_tree=folder in self._trees)
            self._names[folder] = short if is_free else f"./{path}"

    def _shorten(self, folder: str) -> tuple[int, str, str]:
        """Count the folders that a short path leaves out (negative), with the path from the root and the short path."""
        path = os.path.relpath(folder, self._root)
        if path in (".", "..") or path.startswith("../"):
            return 0, path, "" if path == "." else path
        whole = path.split("/")
        parts = list(whole)
        if "images" in parts:
            del parts[len(parts) - 1 - parts[::-1].index("images")]
        if parts and self._split and parts[0].lower() in (self._split, f"obj_{self._split}_data"):
            del parts[0]
        return len(parts) - len(whole), path, "/".join(parts)


def above(path: str) -> Iterator[str]:
    """The folders that a file or folder lies in, the nearest first."""
    while (folder := os.path.dirname(path)) != path:  # noqa: PTH120 - called for each folder of a list
        yield folder
        path = folder


@dataclass(slots=True)
class _Taken:
    """A folder of short paths that are taken.

    Attributes:
        below: The folders in it, by name.
        is_tree: Whether it and all paths below it are taken.
        is_folder: Whether only it is taken.
    """

    below: dict[str, _Taken] = field(default_factory=dict)
    is_tree: bool = False
    is_folder: bool = False

    def add(self, path: str, *, is_tree: bool) -> bool:
        """Take a path, unless an image in it could have the key of another's; whether it was free."""
        node, is_new = self, False
        for part in path.split("/") if path else ():
            if node.is_tree and part != "..":  # what leads outside lies below nothing
                return False
            is_new = is_new or part not in node.below
            node = node.below.setdefault(part, _Taken())
        is_above_others = is_tree and any(part != ".." for part in node.below)
        if not is_new and (node.is_tree or node.is_folder or is_above_others):
            return False
        node.is_tree, node.is_folder = is_tree, not is_tree
        return True
