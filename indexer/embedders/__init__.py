"""Makers of embeddings from crops, one module per library."""

from indexer.registry import Registry

EMBEDDERS = Registry(
    "embedder",
    {
        "timm": "indexer.embedders.timm_embedder:TimmEmbedder",
        "hf": "indexer.embedders.huggingface_embedder:HuggingFaceEmbedder",
    },
    group="lookalike.embedders",
)
