"""Which points are near each other, kept and followed."""
