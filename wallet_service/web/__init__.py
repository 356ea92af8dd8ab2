"""Pages for people: a folder each for joining, the member's card, the till and the office."""
