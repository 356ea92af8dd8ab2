"""What goes into each field of a body, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _

from wallet_service.api import document
from wallet_service.api.bodies import Body

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    name: str
    needed: bool
    takes: str
    means: LazyString | str


def of(body: type[Body]) -> list[Field]:
    return list(_fields(document.form_of(body), ""))


def _fields(schema: Schema, above: str) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, written in schema.get("properties", {}).items():
        own, items = _without_null(written), _items(written)
        yield Field(f"{above}{name}", name in needed, _takes(own), MEANS.get(f"{above}{name}", ""))
        if items is not None:
            yield from _fields(items, f"{above}{name}[].")


def _without_null(schema: Schema) -> Schema:
    found: Schema = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    return found


def _items(schema: Schema) -> Schema | None:
    items = schema.get("items", {})
    return document.form_named(items["$ref"]) if "$ref" in items else None


def _takes(schema: Schema) -> str:
    kind, most = schema.get("type"), schema.get("maxLength") or schema.get("maxItems")
    if kind == "integer":
        told = gettext("whole number, %(least)s to %(most)s", least=schema["minimum"], most=schema["maximum"])
    elif kind == "boolean":
        told = gettext("`true` or `false`")
    elif kind == "array":
        told = ngettext("list of at most %(num)s", "list of at most %(num)s", most)
    elif schema.get("format") == "date-time":
        told = gettext("time with its offset")
    elif most is not None:
        told = ngettext("text of at most %(num)s character", "text of at most %(num)s characters", most)
    else:
        told = gettext(
            "text such as `%(example)s`", example=(schema.get("examples") or [schema.get("pattern")])[0]
        )
    return str(told)


MEANS: Mapping[str, LazyString] = {
    "language": _("Of the member; the program's first when left out."),
    "name": _("Of the member."),
    "phone": _("As people write it; without a country it is one of the program's own."),
    "email": _("Of the member."),
    "birthday": _("Of the member."),
    "consents": _("What the member said yes or no to, as of now."),
    "consents[].purpose": _("What for."),
    "consents[].given": _("Yes or no."),
    "consents[].channel": _("By which way."),
    "consents[].text": _("Which wording was shown."),
    "source": _("Where the member came from."),
    "total": _("Money in minor units."),
    "currency": _("The program's own, to be safe."),
    "visits": _("How many visits it was; the total decides when it is left out."),
    "items": _("Lines of the receipt."),
    "items[].id": _("Your number of the article."),
    "items[].quantity": _("1 when left out."),
    "items[].total": _("Of the line."),
    "items[].category": _("By the name that the program's rules use."),
    "action": _("Something done without buying, by the name that the program's rules give it."),
    "receipt": _("Your number for it; with `store` it names the receipt."),
    "occurred_at": _("At most 72 hours ago, or 2 minutes ahead. Now when left out."),
    "store": _("Where; the key's own store, or `main`, when left out."),
    "till": _("At which till."),
    "channel": _("How, by the name that the program's rules use."),
    "payment": _("Paid how, by the name that the program's rules use."),
    "reward": _("Its id, as the card names it."),
    "points": _("How many. Of a correction below 0, too."),
    "reason": _("In words, for whoever asks later."),
    "approved_by": _("Is refused: the second person shows who they are in the office."),
}
