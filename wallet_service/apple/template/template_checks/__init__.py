"""What `template check` looks at, a file for each kind of thing."""
