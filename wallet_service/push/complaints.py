"""What phones complain about, and which of it says that something of ours is broken."""

from __future__ import annotations

from enum import StrEnum


class Complaint(StrEnum):
    """Kept with each line of a phone's log."""

    AUTHENTICATION = "authentication"  # our own token does not open the card: the phone gives it up
    INVALID_PASS = "invalid-pass"  # noqa: S105  # what we signed cannot be read
    WRONG_PASS = "wrong-pass"  # noqa: S105  # another card than the one it asked for
    DUPLICATE_KEYS = "duplicate-keys"  # two fields of one name
    MALFORMED = "malformed"  # an answer that it does not understand
    SERVER_ERROR = "server-error"  # 5xx, but for those that ask it to wait
    UNEXPECTED_STATUS = "unexpected-status"
    PERSONALIZATION = "personalization"
    TAG = "tag"  # lastUpdated is missing or stands still
    LISTED_UNCHANGED = "listed-unchanged"
    PUSH_IN_VAIN = "push-in-vain"
    CONDITION_IGNORED = "condition-ignored"
    NO_LAST_MODIFIED = "no-last-modified"
    NOT_REGISTERED = "not-registered"  # it is told of a card that it does not hold
    PUT_OFF = "put-off"  # 429 and 503: it comes back
    CONNECTION = "connection"  # mostly the phone's own network
    OTHER = "other"


SERIOUS = frozenset(
    {
        Complaint.AUTHENTICATION,
        Complaint.INVALID_PASS,
        Complaint.WRONG_PASS,
        Complaint.DUPLICATE_KEYS,
        Complaint.MALFORMED,
        Complaint.SERVER_ERROR,
        Complaint.UNEXPECTED_STATUS,
        Complaint.PERSONALIZATION,
    }
)
"""The phone cannot show the newest card for a reason that is ours."""
OURS = SERIOUS | {
    Complaint.TAG,
    Complaint.LISTED_UNCHANGED,
    Complaint.PUSH_IN_VAIN,
    Complaint.CONDITION_IGNORED,
    Complaint.NO_LAST_MODIFIED,
}
"""With these, updates arrive late or cost too much; a few of them are no matter."""
