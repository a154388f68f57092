import numpy as np
import pytest

from indexer.errors import EmbeddingError, InvalidOptionsError
from indexer.unit_rows import are_unit_rows, unit_rows


def test_unit_rows__zero_row__stays_zero():
    assert unit_rows(np.array([[0, 0], [3, 4]], np.float32)).tolist() == [[0, 0], pytest.approx([0.6, 0.8])]


def test_unit_rows__of_length_one__are_not_copied():
    embeddings = np.array([[0.6, 0.8], [0, 0], [0, -1]], np.float32)
    assert unit_rows(embeddings) is embeddings


def test_unit_rows__no_matrix__is_refused():
    with pytest.raises(InvalidOptionsError, match=r"matrix \(N, D\), got shape \(2,\)"):
        unit_rows(np.ones(2, np.float32))


def test_unit_rows__not_finite__names_the_row():
    with pytest.raises(EmbeddingError, match="embedding 1 "):
        unit_rows(np.array([[1, 0], [np.inf, 0]], np.float32))


def test_are_unit_rows__a_thousandth_longer__are_not():
    assert are_unit_rows(np.array([[0.6, 0.8]], np.float32))
    assert not are_unit_rows(np.array([[0.6, 0.8], [1.001, 0]], np.float32))
