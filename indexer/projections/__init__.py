"""How embeddings become a 2D map, one module a method."""

from indexer.registry import Registry

PROJECTORS = Registry(
    "projection method",
    {
        "umap": "indexer.projections.umap_projector:UmapProjector",
        "tsne": "indexer.projections.tsne_projector:TsneProjector",
        "pca": "indexer.projections.pca:PcaProjector",
        "pca-umap": "indexer.projections.umap_projector:PcaUmapProjector",
        "pca-tsne": "indexer.projections.tsne_projector:PcaTsneProjector",
    },
)
