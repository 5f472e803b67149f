"""What the container image is made of: made smaller, and written down."""
