"""Commands that show what there is: collections and models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lookalike.commands.application import AsJson, Place, app, takes_place
from lookalike.console import EXIT_FAILURE, print_error, print_json, print_line
from lookalike.counting import count_text

if TYPE_CHECKING:
    from lookalike.wire.collections import CollectionStatus


@app.command()
@takes_place
def status(place: Place, as_json: AsJson = False) -> None:
    """Show the collections and what they hold."""
    with place.connect("status") as client:
        found = client.get_status()
    collections = [_describe(one) for one in found.collections]
    if as_json:
        print_json({"data_dir": found.data_dir, "collections": collections, "engines": found.engines})
    else:
        _print_status(found.data_dir, collections, has_faults=bool(found.faults))
        print_line(f"engine: {found.engines}")
    for fault in found.faults:
        print_error(fault)
    if found.faults:
        raise SystemExit(EXIT_FAILURE)


def _print_status(where: str, found: list[dict[str, Any]], *, has_faults: bool) -> None:
    if not found and not has_faults:
        print_line(f"{where}: no collection yet; run 'lookalike index SOURCE' or 'lookalike demo'")
    for one in found:
        called = "" if one["display_name"] == one["name"] else f" ({one['display_name']})"
        print_line(f"{one['name']}{called}: {_count_points(one['points'], one['images'])}")
        print_line(f"  model {one['embedder']}, {count_text(one['dimension'], 'dimension')}, {one['crops']}")
        print_line(
            f"  {count_text(len(one['classes']), 'class', 'classes')}, "
            f"{count_text(len(one['datasets']), 'dataset')}, projections: " + (", ".join(one["projections"]) or "none")
        )


def _count_points(n_points: int, n_images: int) -> str:
    return f"{count_text(n_points, 'point')} of {count_text(n_images, 'image')}"


def _describe(one: CollectionStatus) -> dict[str, Any]:
    return {
        "name": one.name,
        "display_name": one.display_name,
        "embedder": one.embedder,
        "dimension": one.dimension,
        "crops": one.crops,
        "points": one.n_points,
        "images": one.n_images,
        "classes": {counted.name: counted.count for counted in one.classes},
        "datasets": {counted.name: counted.count for counted in one.datasets},
        "projections": one.projections,
    }


@app.command()
@takes_place
def models(place: Place, as_json: AsJson = False) -> None:
    """List recommended models, and whether they are on this machine, or on that of the server."""
    found, engines = _ask_server(place) if place.server is not None else _look_here()
    if as_json:
        print_json(found)
        return
    for one in found:
        facts = f"{one['dimension']:>5} dim {one['size_mb']:>4} MB  {one['license']:14}"
        marks = f"{'text' if one['has_text_tower'] else '-':5} {'here' if one['is_available'] else '-':5}"
        print_line(f"{one['name']:45} {facts} {marks} {one['purpose']}")
    print_line(f"engine: {engines}")


def _ask_server(place: Place) -> tuple[list[dict[str, Any]], str]:
    with place.connect("models") as client:
        answer = client.list_models()
    return [one.model_dump(mode="json") for one in answer.models], answer.engines


def _look_here() -> tuple[list[dict[str, Any]], str]:
    """The models of this machine; for them no data directory need be opened."""
    from lookalike.connecting import require_own_folders

    require_own_folders()
    from indexer.embedders.catalogue import recommended_models
    from indexer.embedders.devices import describe_engines

    return recommended_models(), describe_engines()
