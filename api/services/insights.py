"""Answers of insights that packages add, for the wire."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

from indexer.collection.collections import Collections
from indexer.collection.selections import check_selection_of, select_rows
from indexer.collection.snapshot import Snapshot
from indexer.domain import PointFilter, Progress
from indexer.insights.base import Insight, Moment
from indexer.neighbors.graphs import Graphs


class Insights:
    """Asks insights about collections.

    Args:
        collections: Where snapshots come from.
        graphs: Who is near to whom.
        on_progress: Told of the neighbor graph.
    """

    def __init__(self, collections: Collections, graphs: Graphs, on_progress: Progress) -> None:
        self._collections, self._graphs, self._on_progress = collections, graphs, on_progress

    def ask(self, insight: Insight, name: str, question: Any, selection: PointFilter) -> Any:
        """Ask an insight about a collection at one moment; gives the answer's wire model.

        Args:
            insight: The insight.
            name: Name of the collection.
            question: The question, as the insight's model has it.
            selection: The points that its conditions choose.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """

        def answer(snapshot: Snapshot) -> Any:
            is_selected = select_rows(snapshot, check_selection_of(snapshot, selection))
            graph = partial(self._graphs.graph, snapshot, on_progress=self._on_progress)
            return insight.ask(Moment(snapshot, is_selected, graph), question)

        found = self._collections.ask(name, answer, with_embeddings=True)
        values = {field.name: getattr(found, field.name) for field in fields(found)}
        plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
        return insight.answer.model_validate(plain)
