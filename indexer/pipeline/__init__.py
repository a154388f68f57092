"""Makes a collection equal to a source."""
