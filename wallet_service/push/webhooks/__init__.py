"""What the shop's own systems hear: messages written with what happened, signed, and called out later."""
