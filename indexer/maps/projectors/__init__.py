"""Ways from embeddings to a 2D map, one module per method."""

from indexer.registry import Registry

PROJECTORS = Registry(
    "projection method",
    {
        "umap": "indexer.maps.projectors.umap_projector:UmapProjector",
        "tsne": "indexer.maps.projectors.tsne_projector:TsneProjector",
        "pca": "indexer.maps.projectors.pca:PcaProjector",
        "pca-umap": "indexer.maps.projectors.umap_projector:PcaUmapProjector",
        "pca-tsne": "indexer.maps.projectors.tsne_projector:PcaTsneProjector",
    },
    group="lookalike.projectors",
)
