"""Labelled images in, points and insights out. Knows nothing of HTTP or of the explorer."""
