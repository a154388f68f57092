"""Collections as everybody asks them: their names, one moment of them, selections of their points."""
