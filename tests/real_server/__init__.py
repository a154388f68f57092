"""A real Qdrant server for the whole suite: with ``QDRANT_URL`` set, every data directory has a part of it.

Tests say data directories, and nothing of servers. So their settings get the address of a gate, behind which each data
directory finds its own collections. A copied directory finds copies of them.
"""
