"""Parts are given the parts that they ask, never the whole, and no two modules need each other."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
ROOTS = {
    *("indexer/workspace.py", "api/app.py", "api/dependencies.py"),
    *("lookalike/server.py", "lookalike/local.py", "lookalike/run_worker.py", "lookalike/platform_app.py"),
}
"""Where the parts are put together, or handed to a server."""


def parameters_of(path):
    """Names and annotations of all parameters of the functions in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                yield parameter.arg, "" if parameter.annotation is None else ast.unparse(parameter.annotation)


def test_parts__none_receives_the_workspace():
    receiving = set()
    for room in ("lookalike", "indexer", "api", "explorer"):
        for path in (ROOT / room).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name not in ROOTS and not name.startswith("lookalike/commands/"):
                receiving |= {
                    f"{name}: {parameter}"
                    for parameter, annotation in parameters_of(path)
                    if parameter == "workspace" or "Workspace" in annotation
                }

    assert receiving == set()


def test_indexer__has_few_loose_files():
    loose = sorted(path.name for path in (ROOT / "indexer").glob("*.py"))

    assert len(loose) <= 12, loose


def test_modules__import_each_other_in_no_circle():
    graph = grimp.build_graph("lookalike", "indexer", "api", "explorer", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    assert len(list(TopologicalSorter(imports).static_order())) == len(graph.modules) > 400
