"""Image files: headers, decoding, crops."""
