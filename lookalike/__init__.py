"""Similarity explorer for labelled images."""
