"""A collection held in a dict, for what needs no store: it counts reads of embeddings."""

import numpy as np

from indexer.domain import CollectionSpec, Point, PointColumns

MONDAY, TUESDAY = "2026-01-05T08:00:00+00:00", "2026-01-06T08:00:00+00:00"


def make_point(point_id, class_name="cat", embedded_at=MONDAY, number=0.0):
    return Point(point_id, {"class_name": class_name, "embedded_at": embedded_at}, np.array([number, 1], np.float32))


class MemoryCollection:
    """As much of a collection as snapshots ask."""

    name = "memory"
    spec = CollectionSpec("fake", "f", 2, "padding=0px min=1px")

    def __init__(self, *points):
        self.points = {point.id: point for point in points}
        self.n_writes = self.n_embeddings_read = 0

    def is_current(self):
        return True

    @property
    def revision(self):
        return f"r{self.n_writes}"

    def upsert(self, *points):
        self.points |= {point.id: point for point in points}
        self.n_writes += 1

    def delete(self, *ids):
        for point_id in ids:
            del self.points[point_id]
        self.n_writes += 1

    def read_columns(self, fields, *, with_embeddings=False, where=None):
        self.n_embeddings_read += with_embeddings
        points = [self.points[point_id] for point_id in sorted(self.points)]
        embeddings = np.array([point.embedding for point in points if with_embeddings], np.float32).reshape(-1, 2)
        columns = {name: np.array([point.payload.get(name) for point in points], dtype=object) for name in fields}
        return PointColumns(np.array(sorted(self.points), dtype=np.str_), embeddings, columns)

    def retrieve(self, ids, *, with_embeddings=False):
        return [self.points[point_id] for point_id in ids if point_id in self.points]

    def scroll(self, where, *, fields=None):
        wanted = where.equals_any.get("tags")
        found = self.retrieve(sorted(where.ids or self.points))
        yield [point for point in found if wanted is None or point.payload.get("tags") in wanted]

    def count(self, where=None):
        return len(self.points)

    def facet(self, field, where=None):
        values = [point.payload.get(field) for point in self.points.values()]
        return {value: values.count(value) for value in values if value is not None}
