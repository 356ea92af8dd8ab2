"""Every no in the language of the page: what is wrong, and the way out."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext

from wallet_service.domain.errors import WalletError
from wallet_service.web import guard_texts, halted, ledger_texts, member_texts, people_texts, till_texts
from wallet_service.web.office import campaign_shown, webhook_texts
from wallet_service.web.saying import Facts, Said


def sentence(error: WalletError) -> Said:
    """By slug, with the figures that the error carries; a slug without words of its own speaks generally."""
    tell = _BY_SLUG.get(error.slug) or _BY_SLUG.get(str(error.status), _broken)
    return tell(error.facts)


def sentence_of_status(status: str) -> Said:
    tell = _BY_SLUG.get(status) or (_broken if status >= "5" else _invalid)
    return tell({})


def _bad_number(facts: Facts) -> Said:
    title = _("This is no card number")
    digits = facts.get("digits")
    if isinstance(digits, int):
        text = ngettext(
            "A card number has 19 digits, this has %(num)s.",
            "A card number has 19 digits, this has %(num)s.",
            digits,
        )
        return Said(title, text)
    return Said(title, _("Scan the card again, or compare every one of its 19 digits with the card."))


def _bad_amount(facts: Facts) -> Said:
    title = _("This amount cannot be booked")
    if facts.get("total") == 0:
        return Said(title, _("There is nothing to book for 0. Type what was paid."))
    if facts.get("most"):
        return Said(title, _("It is larger than any purchase can be. Type it again."))
    return Said(title, _("Type it in figures, such as 250 or 250,50."))


def _wait(facts: Facts) -> Said:
    title, seconds = _("Slowly, please"), facts.get("seconds")
    if isinstance(seconds, int):
        text = ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds)
        return Said(title, text)
    return Said(title, _("Too many requests came from your network. Try again in a minute."))


def _too_late(facts: Facts) -> Said:
    seconds = facts.get("seconds")
    count = seconds if isinstance(seconds, int) else 60
    text = ngettext(
        "Undo works for %(num)s second. Ask the manager for a correction.",
        "Undo works for %(num)s seconds. Ask the manager for a correction.",
        count,
    )
    return Said(_("Too late to undo"), text)


def _invalid(_facts: Facts) -> Said:
    return Said(_("This did not work"), _("Something in the request is off. Go back and try once more."))


def _not_found(_facts: Facts) -> Said:
    return Said(_("Nothing here"), _("Look at the address again, or scan the code once more."))


def _no_card(_facts: Facts) -> Said:
    return Said(_("Unknown card"), _("This card is not known here. Check that it is a card of this shop."))


def _no_program(_facts: Facts) -> Said:
    title = _("No such card program")
    if request.path.startswith("/office"):
        return Said(title, _("Go back to the office and choose it there."))
    return Said(title, _("Scan the poster again, or ask at the till."))


def _closed(_facts: Facts) -> Said:
    return Said(_("This card is closed"), _("Its member gave it back. Offer a new one."))


def _ran_out(_facts: Facts) -> Said:
    return Said(_("This code has run out"), _("Ask for the card to be opened again, and scan it."))


def _live_code_needed(_facts: Facts) -> Said:
    text = _("For a reward, ask for the card to be opened in Google Wallet, and scan the code there.")
    return Said(_("Scan the card itself"), text)


def _twice(_facts: Facts) -> Said:
    return Said(_("Already taken back"), _("This was taken back before; nothing changed now."))


def _conflict(_facts: Facts) -> Said:
    return Said(_("Not now"), _("Something changed in the meantime. Look at the card again."))


def _unavailable(_facts: Facts) -> Said:
    return Said(_("One moment, please"), _("Nothing was booked. Try again in a moment."))


def _not_set_up(_facts: Facts) -> Said:
    return Said(_("Not ready yet"), _("This is not set up at the moment. The shop has to look into it."))


def _other_page(_facts: Facts) -> Said:
    return Said(_("This page was open too long"), _("Open it again and press the button once more."))


def _wrong_pin(_facts: Facts) -> Said:
    return Said(_("Wrong PIN"), _("This PIN is not right. Type it again."))


def _large(_facts: Facts) -> Said:
    return Said(_("Too much at once"), _("What was sent is too large for this page."))


def _method(_facts: Facts) -> Said:
    return Said(_("Not this way"), _("This page cannot be used like this. Go back and start again."))


def _staff_only(_facts: Facts) -> Said:
    return Said(_("For managers"), _("Sign in with a manager's PIN to see this."))


def _broken(_facts: Facts) -> Said:
    return Said(_("Something went wrong"), _("It is our fault, and it was noted. Try again in a moment."))


_BY_SLUG: dict[str, Callable[[Facts], Said]] = people_texts.TELLERS | {
    **campaign_shown.TELLERS,
    **webhook_texts.TELLERS,
    **member_texts.TELLERS,
    "bad-card-number": _bad_number,
    "bad-amount": _bad_amount,
    "bad-time": ledger_texts.bad_time,
    "not-enough-points": ledger_texts.not_enough,
    "unknown-receipt": ledger_texts.no_receipt,
    "unknown-reward": ledger_texts.no_reward,
    "reward-not-now": ledger_texts.not_now,
    "out-of-stock": ledger_texts.gone,
    "tier-needed": ledger_texts.tier_needed,
    "cannot-pay-that": ledger_texts.cannot_pay,
    "refund-too-large": ledger_texts.too_large,
    "points-spent": ledger_texts.spent,
    "second-person-needed": ledger_texts.second_person,
    "ask-first": guard_texts.ask_first,
    "guard-refused": guard_texts.guard_refused,
    "own-card": guard_texts.own_card,
    "step-up-needed": guard_texts.step_up,
    "card-blocked": guard_texts.blocked,
    "card-replaced": guard_texts.replaced,
    "foreign-card": till_texts.foreign_card,
    "bad-receipt": till_texts.bad_receipt,
    "foreign-receipt": till_texts.foreign_receipt,
    "choose-receipt": till_texts.choose_receipt,
    "receipt-already-booked": till_texts.booked_receipt,
    "not-signed": till_texts.not_signed,
    "not-on-shift": till_texts.not_on_shift,
    "too-many-offline": till_texts.too_many_offline,
    "too-many-keys": till_texts.too_many_keys,
    "too-much": _wait,
    "too-late-to-undo": _too_late,
    "unknown-card": _no_card,
    "unknown-program": _no_program,
    "card-not-active": _closed,
    "code-ran-out": _ran_out,
    "live-code-needed": _live_code_needed,
    "already-reversed": _twice,
    "misconfigured": _not_set_up,
    "quarantined": halted.quarantined,
    "stale-form": _other_page,
    "wrong-pin": _wrong_pin,
    "400": _invalid,
    "403": _staff_only,
    "404": _not_found,
    "405": _method,
    "409": _conflict,
    "413": _large,
    "429": _wait,
    "500": _broken,
    "503": _unavailable,
}
