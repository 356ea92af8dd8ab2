"""Where cashiers book."""
