"""What builds the data files that ship with Atelier; not installed with it."""
