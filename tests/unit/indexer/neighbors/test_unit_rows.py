import numpy as np
import pytest

from indexer.errors import EmbeddingError, InvalidOptionsError
from indexer.neighbors.unit_rows import are_unit_rows, unit_rows


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


def test_unit_rows__lengths_whose_squares_are_no_float32__are_scaled_all_the_same():
    scaled = unit_rows(np.array([[3e-30, 4e-30], [3e30, 4e30], [0, 0]], np.float32))
    np.testing.assert_allclose(scaled, [[0.6, 0.8], [0.6, 0.8], [0, 0]], rtol=1e-6)


def test_unit_rows__length_that_is_no_float32__is_refused():
    with pytest.raises(EmbeddingError, match="embedding 1 holds a value that is not finite or too large"):
        unit_rows(np.array([[1, 0], [3e38, 3e38]], np.float32))
