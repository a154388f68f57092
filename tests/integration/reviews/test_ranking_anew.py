"""The list after any verdicts, by several people and between changes of the source, is that of a new process."""

import numpy as np
import pytest

from indexer.insights.suspects.suspects import Suspects
from indexer.reviews.judgement import Judgement
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.doubles import MemoryImage, MemorySource, make_object, png
from tests.integration.reviews.points import SPEC, index

N_IMAGES = 150
N_ROUNDS = 5
VERDICTS_PER_ROUND = 9
CLASSES = ("cat", "dog", "fox")


class Work:
    """People who judge at random, and a source that changes at random."""

    def __init__(self, workspace, seed):
        self.workspace, self.random = workspace, np.random.default_rng(seed)
        self.source = MemorySource({f"{number}": self.new_image() for number in range(N_IMAGES)})
        index(workspace, self.source)

    def new_image(self):
        shown = int(self.random.integers(3))
        colour = self.random.integers(0, 130, 3)
        colour[shown] += 120
        called = shown if self.random.random() < 0.9 else int(self.random.integers(3))
        return MemoryImage(png(tuple(int(value) for value in colour)), [make_object("1", CLASSES[called])])

    def judge(self):
        """One verdict on a suspect or on any point, or an undo of the last."""
        who = str(self.random.choice(["ann", "bob", "eve"]))
        listed = self.workspace.suspects.find(limit=10).suspects
        if self.random.random() < 0.2 and self.workspace.reviews.standing():
            self.workspace.reviews.undo(who=who)
        elif listed and self.random.random() < 0.7:
            suspect = listed[int(self.random.integers(len(listed)))]
            verdict = str(self.random.choice(["accept", "dismiss", "skip"]))
            ids = suspect.group or [suspect.point.id]
            self.workspace.reviews.add(None, ids, Judgement(verdict, who), suggest=self.workspace.suspects.suggest)
        else:
            snapshot = self.workspace.collections.snapshot()
            row = int(self.random.integers(len(snapshot)))
            others = sorted({*CLASSES, "owl"} - {snapshot.fields["class_name"][row]})
            judgement = Judgement("accept", who, str(self.random.choice(others)), allows_new_class=True)
            self.workspace.reviews.add(None, [str(snapshot.ids[row])], judgement)

    def change_source(self):
        """Delete an image, add one, give one other pixels and one another class."""
        images = self.source.images
        gone, repainted, renamed = (str(key) for key in self.random.choice(list(images), 3, replace=False))
        del images[gone]
        images[f"{gone} again"] = self.new_image()
        images[repainted].data = self.new_image().data
        images[renamed].objects = self.new_image().objects
        index(self.workspace, self.source)

    def check(self):
        """Compare what is listed with what a part that knows nothing yet lists."""
        parts = self.workspace
        followed = parts.suspects.find(limit=1000)
        fresh = Suspects(parts.collections, parts.graphs, parts.reviews).find(limit=1000)
        told = [
            {one.point.id: (one.suggested_class, one.reason, one.evidence, sorted(one.group)) for one in found.suspects}
            for found in (followed, fresh)
        ]
        assert told[0] == told[1]
        assert (followed.n_ranked, followed.n_matching) == (fresh.n_ranked, fresh.n_matching)
        scores = [{one.point.id: one.score for one in found.suspects} for found in (followed, fresh)]
        assert scores[0] == pytest.approx(scores[1], abs=2.5 / N_IMAGES)  # equally suspect ones may change places


@pytest.mark.parametrize("seed", [0, 1])
def test_find__after_verdicts_and_changes__is_what_a_new_process_finds(tmp_path, seed):
    with Workspace.open(IndexerSettings(data_dir=tmp_path / "data")) as workspace:
        workspace.store.create_collection("test", SPEC)
        work = Work(workspace, seed)
        for _ in range(N_ROUNDS):
            for _ in range(VERDICTS_PER_ROUND):
                work.judge()
            work.check()
            work.change_source()
            work.check()
