"""Every no of the ledger in the language of the page, with its figures and the way out."""

from __future__ import annotations

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from wallet_service.web import till_texts
from wallet_service.web.saying import Facts, Said, counted, day, money, number, tier


def not_enough(facts: Facts) -> Said:
    title = _("Not enough yet")
    if "program" in g:
        return Said(title, _("Still missing: %(points)s.", points=counted(facts, "missing")))
    missing = number(facts, "missing")
    return Said(
        title, ngettext("%(num)s more is needed for this.", "%(num)s more are needed for this.", missing)
    )


def bad_time(_facts: Facts) -> Said:
    text = _("It lies ahead, or more than 72 hours back. Set the clock, or ask the manager for a correction.")
    return Said(_("This time cannot be right"), text)


def no_receipt(facts: Facts) -> Said:
    if facts.get("receipt") is None:
        return till_texts.no_purchase(facts)
    text = _(
        "Receipt %(receipt)s was not booked for this card. Compare its number.", receipt=facts.get("receipt")
    )
    return Said(_("Unknown receipt"), text)


def no_reward(_facts: Facts) -> Said:
    return Said(_("No such reward"), _("It is not offered to this card now. Choose another one."))


def not_now(facts: Facts) -> Said:
    title, first, last = _("Not on this day"), day(facts, "first_day"), day(facts, "last_day")
    if first and last:
        return Said(title, _("This reward is given from %(first)s to %(last)s.", first=first, last=last))
    if last:
        return Said(title, _("This reward was given until %(last)s. Choose another one.", last=last))
    if first:
        return Said(title, _("This reward is given from %(first)s on.", first=first))
    return Said(title, _("This reward is not given today. Choose another one."))


def gone(facts: Facts) -> Said:
    stock = number(facts, "stock")
    text = ngettext(
        "There was %(num)s, and it was given. Choose another reward.",
        "There were %(num)s, and all were given. Choose another reward.",
        stock,
    )
    return Said(_("This reward is gone"), text)


def tier_needed(facts: Facts) -> Said:
    title, name = _("For a higher tier"), tier(facts, "tier")
    if name is None:
        return Said(title, _("The tier of this card is not high enough for it. Choose another reward."))
    return Said(title, _("This reward is for the tier %(name)s and above. Choose another one.", name=name))


def cannot_pay(facts: Facts) -> Said:
    title = _("Points cannot pay this")
    if facts.get("most") is not None:
        text = _("They may pay %(most)s of this receipt. Type a smaller number.", most=money(facts, "most"))
    elif facts.get("minimum") is not None:
        text = _("They pay from %(minimum)s on. Type a larger number.", minimum=counted(facts, "minimum"))
    elif facts.get("step") is not None:
        text = _("They pay %(step)s at a time. Type a multiple of it.", step=counted(facts, "step"))
    else:
        text = _("In this program points are not paid with. Give a reward instead.")
    return Said(title, text)


def too_large(facts: Facts) -> Said:
    text = _(
        "The receipt was %(bought)s, and %(refunded)s of it came back before. Left to refund: %(left)s.",
        bought=money(facts, "bought"),
        refunded=money(facts, "refunded"),
        left=money(facts, "left"),
    )
    return Said(_("More than was bought"), text)


def spent(facts: Facts) -> Said:
    text = _(
        "Spent already: %(spent)s of %(due)s. Take the reward back first, or refund without the card.",
        spent=counted(facts, "spent"),
        due=counted(facts, "due"),
    )
    return Said(_("These points are spent"), text)


def second_person(facts: Facts) -> Said:
    title = _("A second person is needed")
    if facts.get("limit") is None:
        return Said(title, _("This PIN is yours, or a cashier's. Let another manager type theirs."))
    text = _(
        "One manager alone may correct %(limit)s. Let a second one type their PIN.",
        limit=counted(facts, "limit"),
    )
    return Said(title, text)
