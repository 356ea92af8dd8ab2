"""The member's own page."""
