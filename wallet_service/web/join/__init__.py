"""Where a member takes a card."""
