"""Where the painting is computed: a small protocol and its implementations."""
