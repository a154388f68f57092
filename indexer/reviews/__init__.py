"""Decisions of people about points, and their way to the source."""
