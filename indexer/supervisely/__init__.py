"""People's work on a Supervisely server: tags, labeling jobs, collections of images, kept embeddings."""
