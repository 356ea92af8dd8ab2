"""What events and their troubles are called in the language of the page."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from wallet_service.push.webhooks import caller
from wallet_service.push.webhooks.messages import TEST
from wallet_service.web.saying import Facts, Said


def event_name(event: str) -> str:
    return _EVENTS[event]() if event in _EVENTS else event


def went_wrong(status: int | None, said: str) -> str:
    """`said` is a sentence of ours, or the first words of an answer."""
    if said in _TROUBLES:
        return _TROUBLES[said]()
    if status is None:
        return said
    answered = _("It answered %(status)s.", status=status)
    return f"{answered} {said}".strip()


def unknown(_facts: Facts) -> Said:
    return Said(_("No such webhook"), _("It was removed. Open the page again."))


def bad_address(_facts: Facts) -> Said:
    text = _("It begins with https:// and names a public host, without a port, a password or a #.")
    return Said(_("This address cannot be called"), text)


def too_many(_facts: Facts) -> Said:
    return Said(_("Too many webhooks"), _("Remove one that nobody listens to any more."))


def is_off(_facts: Facts) -> Said:
    return Said(_("It is switched off"), _("Switch it on first, then send."))


TELLERS: dict[str, Callable[[Facts], Said]] = {
    "unknown-webhook": unknown,
    "bad-address": bad_address,
    "too-many-webhooks": too_many,
    "webhook-is-off": is_off,
}

_EVENTS: dict[str, Callable[[], str]] = {
    "card.joined": lambda: _("Somebody took a card"),
    "card.saved": lambda: _("A card came onto a phone"),
    "card.removed": lambda: _("A card left a phone"),
    "purchase.booked": lambda: _("A purchase was booked"),
    "redemption.booked": lambda: _("A reward was given, or points paid"),
    "entry.reversed": lambda: _("Something was taken back"),
    "entry.refunded": lambda: _("A receipt was refunded"),
    "reward.ready": lambda: _("A reward is ready"),
    "tier.changed": lambda: _("A tier changed"),
    TEST: lambda: _("A test"),
}

_TROUBLES: dict[str, Callable[[], str]] = {
    caller.NOT_ALLOWED: lambda: _("The name leads to an address that is not public. Nothing was sent."),
    caller.NO_SUCH_HOST: lambda: _("The host name is not known."),
    caller.NOBODY: lambda: _("Nobody answers at this address."),
    caller.TOO_SLOW: lambda: _("It did not answer within 10 seconds."),
    caller.NO_TRUST: lambda: _("Its certificate is not trusted, or is for another name."),
    caller.BROKE_OFF: lambda: _("The connection broke off."),
    caller.REDIRECTS: lambda: _("It answered with another address, which is not followed."),
}
