"""One list of options: the wire model, the client and the command have the same."""

import inspect
import json
from pathlib import Path
from typing import get_type_hints

import httpx
import pytest

from lookalike.client.blocking.client import Client
from lookalike.client.indexing import IndexOptions, to_index_run
from lookalike.commands.indexing import index, read_request, watch
from lookalike.errors import InvalidOptionsError
from lookalike.wire.runs import IndexRun

OF_THE_PLACE = {"source", "collection"}
NAMED_OTHERWISE = {"min_size": "min_size_px", "dataset": "datasets"}
RUN = {"id": "r1", "kind": "index", "collection": None, "started_at": "2026-01-05T00:00:00Z"}


def options_of(command, *others):
    names = set(inspect.signature(command).parameters) - {"data_dir", "server", "as_json", *others}
    return {NAMED_OTHERWISE.get(name, name) for name in names}


def test_options__are_those_of_the_wire_model():
    known = set(IndexRun.model_fields) - {"kind", "idempotency_key"}
    assert set(get_type_hints(IndexOptions)) == known - OF_THE_PLACE
    assert options_of(index, "ray") == known  # where it runs, as the server is
    assert options_of(watch, "every", "full_every") == known - {"force", "full"}


def test_options__are_all_documented():
    for name in get_type_hints(IndexOptions):
        assert f"\n        {name}: " in IndexOptions.__doc__


def test_defaults__of_command_and_client_are_equal(tmp_path):
    defaults = {
        name: None if one.default is inspect.Parameter.empty else one.default
        for name, one in inspect.signature(read_request).parameters.items()
    }
    assert read_request(**(defaults | {"source": "photos"})).run == to_index_run("photos", None, keeps_paths=True)


def test_index__sends_what_was_chosen():
    sent = []

    def answer(request):
        sent.append(json.loads(request.content))
        return httpx.Response(202, json=RUN | {"state": "running", "stage": "starting", "done": 0, "total": None})

    http = httpx.Client(base_url="http://host:8050/api/v1", transport=httpx.MockTransport(answer))
    Client(http, is_local=True).index(
        "photos", "pets", padding="10%", min_size_px=4, model="hf:m", checkpoint=Path("w.pt"), source_format="coco"
    )

    here = str(Path.cwd())
    chosen = {"source": f"{here}/photos", "collection": "pets", "padding": "10%", "min_size_px": 4, "model": "hf:m"}
    assert sent[0] == IndexRun(**chosen, checkpoint=f"{here}/w.pt", source_format="coco").model_dump(mode="json")


def test_list_source_datasets__asks_with_the_whole_path():
    asked = []

    def answer(request):
        asked.append(dict(request.url.params))
        return httpx.Response(200, json={"datasets": ["train", "val"]})

    http = httpx.Client(base_url="http://host:8050/api/v1", transport=httpx.MockTransport(answer))
    client = Client(http, is_local=True)
    assert client.list_source_datasets("photos") == ["train", "val"]
    client.list_source_datasets("/pets.json", "coco")
    assert asked == [{"source": f"{Path.cwd()}/photos"}, {"source": "/pets.json", "source_format": "coco"}]


@pytest.mark.parametrize(
    ("option", "words"), [({"batch_size": 0}, "batch_size: 0 is too small"), ({"mode": "all"}, "mode: .*images")]
)
def test_to_index_run__impossible_value_is_told(option, words):
    with pytest.raises(InvalidOptionsError, match=words):
        to_index_run("photos", None, keeps_paths=True, **option)
