"""Folders that clients may name."""

import os

import pytest

from api.roots import require_inside
from lookalike.errors import OutsideRootsError


@pytest.fixture
def root(tmp_path):
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    (tmp_path / "photos-of-others").mkdir()
    (tmp_path / "photos" / "way-out").symlink_to(tmp_path / "photos-of-others")
    (tmp_path / "photos" / "way-in").symlink_to(tmp_path / "photos" / "cats")
    return tmp_path / "photos"


@pytest.mark.parametrize("path", ["", "cats", "cats/../cats", "new", "new/deep", "way-in", "way-in/1.jpg"])
def test_require_inside__the_root_and_what_is_in_it(root, path):
    require_inside(str(root / path), [root])


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../photos-of-others",
        "../nothing",
        "cats/../../photos-of-others",
        "way-out",
        "way-out/1.jpg",
        "/",
        "/nothing",
    ],
)
def test_require_inside__the_same_words_for_what_exists_and_what_does_not(root, path):
    with pytest.raises(OutsideRootsError) as raised:
        require_inside(str(root / path), [root])
    assert str(raised.value) == (
        f"the path lies outside the folders that this server may use for its clients; it may use {root}"
    )


@pytest.mark.parametrize("path", ["~", "~root/x", "photos\0", "\udcff"])
def test_require_inside__odd_paths(root, path):
    with pytest.raises(OutsideRootsError):
        require_inside(path, [root])


def test_require_inside__a_tilde_in_the_folder_is_the_users_home(root, monkeypatch):
    monkeypatch.chdir(root)
    with pytest.raises(OutsideRootsError):
        require_inside("~/secrets", [root])


def test_require_inside__the_machine_is_not_asked_about_what_lies_outside(root, monkeypatch):
    asked = []
    with monkeypatch.context() as patched:
        for name in ("stat", "lstat", "readlink"):
            patched.setattr(os, name, lambda path, *rest, **more: asked.append(path))
        with pytest.raises(OutsideRootsError):
            require_inside("/etc/passwd", [root])
    assert asked == []


def test_require_inside__no_roots(root):
    with pytest.raises(OutsideRootsError, match="started without --root FOLDER"):
        require_inside(str(root), [])
