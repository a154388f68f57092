"""Answers of insights that packages add, for the wire."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

from indexer.collection.selections import check_selection_of, select_rows
from indexer.collection.snapshot import Snapshot
from indexer.domain import PointFilter, Progress
from indexer.insights.base import Insight, Moment
from indexer.workspace import Workspace


def ask_insight(
    workspace: Workspace, name: str, insight: Insight, question: Any, selection: PointFilter, on_progress: Progress
) -> Any:
    """Ask an insight about a collection at one moment; gives the answer's wire model.

    Args:
        workspace: The data directory.
        name: Name of the collection.
        insight: What to ask.
        question: What is asked, as the insight's model has it.
        selection: The points that its conditions choose.
        on_progress: Told of the neighbor graph.

    Raises:
        UnknownNameError, PointNotFoundError: The selection names what is not there.
    """

    def answer(snapshot: Snapshot) -> Any:
        is_selected = select_rows(snapshot, check_selection_of(snapshot, selection))
        graph = partial(workspace.graphs.graph, snapshot, on_progress=on_progress)
        return insight.ask(Moment(snapshot, is_selected, graph), question)

    found = workspace.collections.ask(name, answer, with_embeddings=True)
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return insight.answer.model_validate(plain)
