"""Every no about what members say of themselves, in the language of the page, with the way out."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from wallet_service.web.saying import Facts, Said


def bad_phone(_facts: Facts) -> Said:
    return Said(_("This is no phone number"), _("Write it with its country, such as +7 912 345-67-89."))


def bad_email(_facts: Facts) -> Said:
    return Said(_("This is no e-mail address"), _("Compare it letter by letter."))


def bad_birthday(_facts: Facts) -> Said:
    return Said(_("This is nobody's birthday"), _("Write it as 1990-05-31."))


TELLERS: dict[str, Callable[[Facts], Said]] = {
    "bad-phone": bad_phone,
    "bad-email": bad_email,
    "bad-birthday": bad_birthday,
}
