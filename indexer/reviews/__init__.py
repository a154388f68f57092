"""What people decided about points, and how it reaches the source."""
