"""How phones are woken: whom, over which connection, and what the answers mean."""
