"""Every no of the till about what was scanned, and about what waited for the network."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from wallet_service.web.saying import Facts, Said, money, number


def foreign_card(facts: Facts) -> Said:
    title = _("Not a card of ours")
    match facts.get("what"):
        case "receipt":
            return Said(_("This is a receipt"), _("Scan the card first, and the receipt after it."))
        case "program":
            return Said(title, _("Cards of this program do not count in this shop."))
        case "goods":
            return Said(title, _("This is the number of goods, or of another shop's card."))
        case "link":
            return Said(title, _("This code leads to a page. Ask for the card itself."))
    return Said(title, _("This code belongs to somebody else. Ask for the card itself."))


def bad_receipt(facts: Facts) -> Said:
    title = _("Not this receipt")
    match facts.get("n"):
        case 1:
            return Said(title, _("It is the receipt of a sale. For a refund, scan the one of the return."))
        case 2:
            return Said(title, _("Something was brought back with it. Book a refund with it."))
        case int():
            return Said(title, _("It is neither a sale nor the return of one."))
    return Said(_("This receipt cannot be read"), _("Scan it again, or type its amount."))


def foreign_receipt(facts: Facts) -> Said:
    title = _("A receipt of another shop")
    if facts.get("listed") == 0:
        text = _("No fiscal storage of this shop is known yet. The manager adds it in the office.")
        return Said(_("Receipts are not set up"), text)
    drive = facts.get("drive")
    return Said(title, _("Fiscal storage %(drive)s is none of this shop's.", drive=drive))


def choose_receipt(_facts: Facts) -> Said:
    return Said(_("Which purchase was it?"), _("Several are large enough. Choose the one that came back."))


def booked_receipt(_facts: Facts) -> Said:
    text = _("A receipt counts once: it was booked for another card, in another way, or taken back since.")
    return Said(_("This receipt was booked before"), text)


def no_purchase(facts: Facts) -> Said:
    """Of a card, for what was brought back."""
    text = _("No purchase of this card has %(left)s left to bring back.", left=money(facts, "left"))
    return Said(_("Nothing fits this return"), text)


def not_signed(_facts: Facts) -> Said:
    text = _("It was not signed by this till, or was changed on its way. It was not booked.")
    return Said(_("Not from this till"), text)


def not_on_shift(_facts: Facts) -> Said:
    text = _("Whoever booked it did not work at this till then. Ask the manager for a correction.")
    return Said(_("Nobody on shift"), text)


def too_many_offline(facts: Facts) -> Said:
    title, most = _("Too many without a network"), number(facts, "most")
    if facts.get("of") == "card":
        text = ngettext(
            "Without a network a card earns %(num)s time a day.",
            "Without a network a card earns %(num)s times a day.",
            most,
        )
    else:
        text = ngettext(
            "Without a network a till books %(num)s time a day.",
            "Without a network a till books %(num)s times a day.",
            most,
        )
    return Said(title, text)


def too_many_keys(_facts: Facts) -> Said:
    text = _("Ask a manager to add a new till in the office, and to pair this browser with it.")
    return Said(_("This till has too many keys"), text)
