import pytest

from lookalike.client.archive_files import read_archive
from lookalike.errors import InvalidOptionsError


def test_read_archive__name_and_bytes(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert read_archive(tmp_path / "a.zip") == ("a.zip", b"PK")


@pytest.mark.parametrize("name", ["absent.zip", ".", "a\0b"])
def test_read_archive__what_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InvalidOptionsError, match=r"^archive "):
        read_archive(tmp_path / name)
