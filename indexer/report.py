"""What one run did: counts per outcome, and a few examples of what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_MAX_EXAMPLES: Final = 20


@dataclass(slots=True)
class ImageCounts:
    """Source images by outcome; ``seen`` is the sum of all but ``removed``."""

    seen: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(slots=True)
class InstanceCounts:
    """Instances by outcome."""

    embedded: int = 0
    payload_updated: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0


@dataclass(slots=True)
class SyncReport:
    """The result of one run.

    Attributes:
        collection: Name of the collection written to.
        source_key: Identity of the source read.
        images: Source images by outcome.
        instances: Instances by outcome.
        skipped_reasons: Why objects became no point, with counts.
        failures: The first failures as ``{"image": ..., "reason": ...}``; ``images.failed`` counts them all.
        model_loaded: Whether the network was loaded.
        seconds: Wall-clock seconds of the run.
    """

    collection: str
    source_key: str
    images: ImageCounts = field(default_factory=ImageCounts)
    instances: InstanceCounts = field(default_factory=InstanceCounts)
    skipped_reasons: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)
    model_loaded: bool = False
    seconds: float = 0.0

    @property
    def has_failed(self) -> bool:
        """Whether nothing worked at all: images were seen and every one of them failed."""
        return self.images.seen > 0 and self.images.failed == self.images.seen

    @property
    def has_changed(self) -> bool:
        """Whether the run wrote anything, or failed at anything."""
        images = self.images
        return bool(images.added or images.updated or images.removed or images.failed)

    def add_failure(self, image: str, reason: str) -> None:
        """Count one image that could not be read."""
        self.images.failed += 1
        if len(self.failures) < _MAX_EXAMPLES:
            self.failures.append({"image": image, "reason": reason})

    def add_skipped(self, reasons: Counter[str] | dict[str, int]) -> None:
        """Count objects that became no point."""
        self.skipped_reasons.update({str(reason): count for reason, count in reasons.items()})
        self.instances.skipped += sum(reasons.values())
