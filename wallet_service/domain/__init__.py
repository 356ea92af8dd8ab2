"""The pure core: what a card is worth and what it shows, asking nothing of the world."""
