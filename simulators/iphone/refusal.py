"""The one way in which the phone says no to a bundle."""


class Refused(Exception):
    """`item` is the numbered rule that was broken, `reason` the line a phone would log."""

    def __init__(self, item: str, reason: str) -> None:
        super().__init__(f"{reason} ({item})")
        self.item = item
        self.reason = reason
