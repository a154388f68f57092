"""The name of a model says what opens it."""

import pytest

from indexer.embedders.opening import open_embedder
from indexer.errors import InvalidOptionsError


@pytest.mark.parametrize("model", ["hf:", "timm:", "hf: "])
def test_open_embedder__model_without_a_name__is_not_the_folder_that_one_is_in(model):
    with pytest.raises(InvalidOptionsError, match=rf"model '{model}' has no name; write it as NAME, timm:NAME or hf:"):
        open_embedder(model)
