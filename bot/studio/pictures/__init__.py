"""The image files: fetched, checked, kept and let go."""
