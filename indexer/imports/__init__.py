"""Ways in for embeddings that were made elsewhere, one module a format."""
