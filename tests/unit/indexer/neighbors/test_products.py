import numpy as np
import pytest

from indexer.neighbors.products import multiply


@pytest.mark.parametrize("n_rows", [0, 50, 2000])
@pytest.mark.parametrize("n_others", [0, 1, 8, 9])
def test_multiply__is_the_matrix_product(n_rows, n_others):
    rng = np.random.default_rng(0)
    rows, others = rng.normal(size=(n_rows, 7)).astype(np.float32), rng.normal(size=(n_others, 7)).astype(np.float32)

    products = multiply(rows, others)
    assert products.dtype == np.float32
    np.testing.assert_allclose(products, rows @ others.T, rtol=1e-5, atol=1e-5)
