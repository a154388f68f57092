"""Collections taken to a file and back, or from one store to another, with their reviews and maps."""
