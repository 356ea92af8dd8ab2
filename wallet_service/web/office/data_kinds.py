"""What kinds of data about a member there are, in words."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

KINDS: dict[str, LazyString] = {
    "name": _("Name"),
    "phone": _("Phone number"),
    "email": _("E-mail address"),
    "birthday": _("Birthday"),
    "source": _("Where they came from"),
    "reference": _("The shop's own name for them"),
    "consents": _("What they agreed to"),
    "purchases": _("Purchases and rewards"),
    "numbers": _("Numbers of their cards"),
    "phones": _("Identifiers of their phones"),
}


def kind_of_data(kind: str) -> str:
    return str(KINDS.get(kind, kind))
