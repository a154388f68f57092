"""The indexer over HTTP."""
