"""What a card shows in the language of the phone, and what a change of it says on the lock screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent, format_scientific

from simulators.iphone.bundle import Bundle
from simulators.iphone.field_rules import SECTIONS, Field, all_fields
from simulators.iphone.value_rules import as_date, is_number

UTC = ZoneInfo("UTC")
SUMMARY = {
    "en": "Several details have changed: {labels}.",
    "ru": "Изменилось сразу несколько данных: {labels}.",
}
GENERIC = {"en": "Your card has changed.", "ru": "Карта изменилась."}


@dataclass(frozen=True)
class ShownField:
    """A field as the eye meets it; `raw` is what the pass holds."""

    key: str
    label: str
    value: str
    raw: str | float
    change_message: str | None
    alignment: str


@dataclass(frozen=True)
class Face:
    """The texts of a card in one language."""

    organization: str
    description: str
    logo_text: str
    sections: Mapping[str, tuple[ShownField, ...]]

    def fields(self) -> dict[str, ShownField]:
        return {field.key: field for fields in self.sections.values() for field in fields}


def folder_for(bundle: Bundle, language: str) -> str | None:
    """The language of the bundle that suits the phone; none means the root files (L4)."""
    plain = language.split("-")[0]
    near = [name for name in bundle.languages if name.split("-")[0] == plain]
    return language if language in bundle.languages else next(iter(sorted(near)), None)


def picture(bundle: Bundle, slot: str, language: str) -> bytes | None:
    """The sharpest picture of a slot, localised if the bundle has it so (I6)."""
    folder = folder_for(bundle, language)
    folders = ([f"{folder}.lproj/"] if folder else []) + [""]
    names = [f"{place}{slot}{scale}.png" for place in folders for scale in ("@3x", "@2x", "")]
    return next((bundle.files[name] for name in names if name in bundle.files), None)


def face_of(bundle: Bundle, language: str) -> Face:
    """Every text looked up in pass.strings (L3), numbers and dates in the phone's own manner (L5)."""
    words = bundle.languages.get(folder_for(bundle, language) or "", {})
    sections: dict[str, tuple[ShownField, ...]] = {name.removesuffix("Fields"): () for name in SECTIONS}
    for section, field in all_fields(bundle.content[bundle.style]):
        sections[section.removesuffix("Fields")] += (_shown(field, words, language),)
    return Face(
        organization=_said(words, bundle.content["organizationName"]),
        description=_said(words, bundle.content["description"]),
        logo_text=_said(words, bundle.content.get("logoText", "")),
        sections=sections,
    )


def _said(words: Mapping[str, str], text: str) -> str:
    return words.get(text, text)


def _shown(field: Field, words: Mapping[str, str], language: str) -> ShownField:
    message = field.get("changeMessage")
    return ShownField(
        key=field["key"],
        label=_said(words, field.get("label", "")),
        value=_formatted(field, words, language),
        raw=field["value"],
        change_message=_said(words, message) if message else None,
        alignment=str(field.get("textAlignment", "PKTextAlignmentNatural"))
        .removeprefix("PKTextAlignment")
        .lower(),
    )


def _formatted(field: Field, words: Mapping[str, str], language: str) -> str:
    value = field["value"]
    locale = language.replace("-", "_")
    if is_number(value):
        return _number(field, value, locale)
    moment = as_date(value)
    if moment and ("dateStyle" in field or "timeStyle" in field):
        return _date(field, moment, locale)
    return _said(words, value)


def _number(field: Field, value: float, locale: str) -> str:
    if "currencyCode" in field:
        return str(format_currency(value, field["currencyCode"], locale=locale))
    style = field.get("numberStyle")
    if style == "PKNumberStylePercent":
        return str(format_percent(value, locale=locale))
    if style == "PKNumberStyleScientific":
        return str(format_scientific(value, locale=locale))
    return str(format_decimal(value, locale=locale))


def _date(field: Field, moment: datetime, locale: str) -> str:
    if not field.get("ignoresTimeZone"):
        moment = moment.astimezone(UTC)
    styles = [_style(field, name) for name in ("dateStyle", "timeStyle")]
    if styles == [None, None]:
        return ""
    if styles[1] is None:
        return str(format_date(moment, styles[0], locale=locale))
    if styles[0] is None:
        return str(format_time(moment, styles[1], locale=locale))
    return f"{format_date(moment, styles[0], locale=locale)}, {format_time(moment, styles[1], locale=locale)}"


def _style(field: Field, name: str) -> Any:
    style = str(field.get(name, "PKDateStyleNone")).removeprefix("PKDateStyle").lower()
    return None if style == "none" else style


def notice_of(old: Bundle, new: Bundle, language: str) -> str | None:
    """One lock-screen text: only changed values of fields with a changeMessage speak (P13)."""
    before = face_of(old, language).fields()
    changed = [
        field
        for key, field in face_of(new, language).fields().items()
        if field.change_message and key in before and before[key].value != field.value
    ]
    plain = language.split("-")[0]
    if not changed:
        return None
    if len(changed) > 1:
        labels = ", ".join(field.label or field.key for field in changed)
        return SUMMARY.get(plain, SUMMARY["en"]).format(labels=labels)
    message = changed[0].change_message or ""
    if message.count("%@") != 1:
        return GENERIC.get(plain, GENERIC["en"])
    return changed[0].value.join(part.replace("%%", "%") for part in message.split("%@"))
