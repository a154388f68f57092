"""Ways from embeddings to a 2D map, one module per method."""

from indexer.registry import Registry

PROJECTORS = Registry(
    "projection method",
    {
        "umap": "indexer.maps.projectors.umap_projector:UmapProjector",
        "tsne": "indexer.maps.projectors.tsne_projector:TsneProjector",
        "pca": "indexer.maps.projectors.pca:PcaProjector",
        "densmap": "indexer.maps.projectors.densmap_projector:DensmapProjector",
        "pca-umap": "indexer.maps.projectors.umap_projector:PcaUmapProjector",
        "pca-tsne": "indexer.maps.projectors.tsne_projector:PcaTsneProjector",
    },
    group="lookalike.projectors",
)

_SPELLINGS = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA", "densmap": "densMAP"}


def spell_method(name: str) -> str:
    """A method as its authors write it, for example ``PCA-t-SNE`` for ``pca-tsne``."""
    return "-".join(_SPELLINGS.get(part, part) for part in name.split("-"))
