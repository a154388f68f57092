"""What turns crops into embeddings, one module a library."""

from indexer.registry import Registry

EMBEDDERS = Registry(
    "embedder",
    {
        "timm": "indexer.embedders.timm_embedder:TimmEmbedder",
        "hf": "indexer.embedders.huggingface_embedder:HuggingFaceEmbedder",
    },
    group="lookalike.embedders",
)
