"""Every registered export keeps the promises of ``indexer.exports.base.Export``."""

import pytest

from indexer.errors import InvalidOptionsError
from indexer.exports import EXPORTS
from tests.unit.indexer.exports.exported_points import SPEC, map_of_two, three_points


@pytest.fixture(params=list(EXPORTS))
def export(request):
    return EXPORTS.load(request.param)


def test_export__full_call__writes_what_it_returns(tmp_path, export):
    assert export(tmp_path / "a" / "b", three_points(), newest_map=map_of_two(), spec=SPEC).exists()


def test_export__twice__leaves_the_same_files(tmp_path, export):
    export(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC)
    once = sorted(path.name for path in tmp_path.iterdir())
    export(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC)
    assert sorted(path.name for path in tmp_path.iterdir()) == once


def test_export__no_points__is_no_error(tmp_path, export):
    whole = three_points()
    none = type(whole)(whole.ids[:0], whole.embeddings[:0], {name: values[:0] for name, values in whole.fields.items()})
    assert export(tmp_path, none).exists()


def test_export__progress__ends_complete(tmp_path, export):
    seen = []
    export(tmp_path, three_points(), on_progress=lambda *report: seen.append(report))
    assert seen[0] == ("export", 0, 3)
    assert seen[-1] == ("export", 3, 3)


def test_export__folder_is_a_file__says_so(tmp_path, export):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidOptionsError, match="cannot write"):
        export(tmp_path / "file", three_points())
