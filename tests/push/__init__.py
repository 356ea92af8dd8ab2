"""How marks become tellings."""
