"""The client that waits for answers. ``lookalike.client.asynchronous`` is made of it; see ``tests/meta``."""
