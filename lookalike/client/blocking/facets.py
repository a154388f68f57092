"""Facets: properties by which a collection can be narrowed."""

from __future__ import annotations

from typing import Unpack

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean, to_question
from lookalike.wire.facets import Facets, FacetsQuery


class FacetCalls(Sender):
    """Questions about facets."""

    def count_facets(self, collection: str | None = None, *, limit: int = 10_000, **where: Unpack[Where]) -> Facets:
        """Count the points of each class, dataset, tag, annotator and review state, and those that fit a filter.

        Each facet is counted without its own condition, so that its counts say what another choice there would bring.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            limit: Values of a facet at most, the most frequent first.
            **where: Conditions, see ``Where``.

        Example:
            >>> facets = client.count_facets("products", class_name="shoe", review="unjudged")
            >>> facets.n_matching
            210
        """
        query = make_request(FacetsQuery, limit=limit, **clean(where))
        return self._ask(Facets, path=f"{collection_path(collection)}/facets", **to_question(query))
