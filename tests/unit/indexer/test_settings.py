"""Settings from the environment: the limits of images."""

import pytest

from indexer.domain import DEFAULT_LIMITS, ImageLimits
from indexer.errors import InvalidOptionsError
from indexer.settings import IndexerSettings, read_settings


def test_read_settings__limits_of_images(monkeypatch):
    assert IndexerSettings().images.limits == DEFAULT_LIMITS == ImageLimits(200_000_000, 2**30)

    monkeypatch.setenv("LOOKALIKE_IMAGES__MAX_PIXELS", "500000000")
    monkeypatch.setenv("LOOKALIKE_IMAGES__MAX_BYTES", "1000")
    assert read_settings().images.limits == ImageLimits(500_000_000, 1000)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e400", "nan", "9" * 30])
def test_read_settings__absurd_limit_is_refused(monkeypatch, value):
    monkeypatch.setenv("LOOKALIKE_IMAGES__MAX_PIXELS", value)
    with pytest.raises(InvalidOptionsError, match="environment variable LOOKALIKE_IMAGES__MAX_PIXELS"):
        read_settings()
