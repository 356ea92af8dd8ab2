"""The machine API for tills and shops: /api/v1, JSON, bearer keys, every write once per key."""
