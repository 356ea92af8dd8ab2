"""The outside world, played by small strict servers that import nothing of the service."""
