"""What phones ask for: their registrations, what changed, the newest pass."""
