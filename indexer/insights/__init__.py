"""Questions about the points, answered from columns: numpy arrays in, numpy arrays out."""
