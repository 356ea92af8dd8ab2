"""What operators type: `flask wallet ...`."""
