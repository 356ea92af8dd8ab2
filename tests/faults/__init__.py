"""What the service survives: real processes, killed, paused and starved while a shop sells."""
