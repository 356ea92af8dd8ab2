"""What the manager looks at."""
