# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""The client whose answers are awaited."""
