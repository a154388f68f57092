from tests.copies import copy_data

MEGABYTE = 2**20


def test_copy_data__is_the_same_and_keeps_the_holes(tmp_path):
    (tmp_path / "data" / "below").mkdir(parents=True)
    (tmp_path / "data" / "empty").touch()
    (tmp_path / "data" / "whole").write_bytes(b"abc")
    with (tmp_path / "data" / "below" / "holes").open("wb") as file:
        for place in (MEGABYTE, 3 * MEGABYTE):
            file.seek(place)
            file.write(b"here")
        file.truncate(8 * MEGABYTE)

    copied = copy_data(tmp_path / "data", tmp_path / "copy")

    content = {path.relative_to(copied).as_posix(): path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    here = b"here".ljust(2 * MEGABYTE, b"\0")
    assert content.pop("below/holes") == (bytes(MEGABYTE) + here + here).ljust(8 * MEGABYTE, b"\0")
    assert content == {"empty": b"", "whole": b"abc"}
    assert (copied / "below" / "holes").stat().st_blocks * 512 < MEGABYTE
