"""2D maps of collections: made, kept and brought up to date."""
