"""How wallets hear of changes: the outbox, the worker that empties it, the queue that hosts it."""
