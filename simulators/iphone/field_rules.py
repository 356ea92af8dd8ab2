"""What a phone demands of the fields of a pass."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulators.iphone.refusal import Refused
from simulators.iphone.value_rules import is_date, is_number

Field = Mapping[str, Any]

SECTIONS = (
    *("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields"),
    *("backFields", "footerFields", "additionalInfoFields"),
)
ALIGNMENTS = {f"PKTextAlignment{name}" for name in ("Left", "Center", "Right", "Natural")}
DATE_STYLES = {f"PKDateStyle{name}" for name in ("None", "Short", "Medium", "Long", "Full")}
NUMBER_STYLES = {f"PKNumberStyle{name}" for name in ("Decimal", "Percent", "Scientific", "SpellOut")}
DETECTORS = {f"PKDataDetectorType{name}" for name in ("PhoneNumber", "Link", "Address", "CalendarEvent")}
MARKUP = re.compile(r"""<a\s+href\s*=\s*(?:"[^"<>]*"|'[^'<>]*')\s*>|</a>""", re.IGNORECASE)


def check_fields(style: Any, name: str, *, square_code: bool) -> None:
    """Refuses the fields of one style; keys are unique over all its sections (P10)."""
    if not isinstance(style, dict):
        raise Refused("P2", f"{name} must be an object.")
    seen: set[str] = set()
    for section, field in all_fields(style):
        key = field.get("key")
        if not isinstance(key, str) or not key:
            raise Refused("P11", f"A field in {section} has no key.")
        if key in seen:
            raise Refused("P10", f"The field key {key!r} is used twice.")
        seen.add(key)
        _check_value(field, key)
        _check_place(field, key, section)
    if name == "storeCard":
        _check_layout(style, square_code)


def all_fields(style: Mapping[str, Any]) -> Iterator[tuple[str, Field]]:
    """Section and field, in reading order."""
    for section in SECTIONS:
        fields = style.get(section, [])
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            raise Refused("P11", f"{section} must be a list of fields.")
        for field in fields:
            yield section, field


def _check_value(field: Field, key: str) -> None:
    value = field.get("value")
    if not isinstance(value, str) and not is_number(value):
        raise Refused("P11", f"The field {key} needs a value: a string, a number or a date.")
    for text in ("label", "changeMessage"):
        if text in field and not isinstance(field[text], str):
            raise Refused("P11", f"{text} of the field {key} must be a string.")
    for switch in ("ignoresTimeZone", "isRelative"):
        if switch in field and not isinstance(field[switch], bool):
            raise Refused("P8", f"{switch} of the field {key} must be true or false.")
    _check_format(field, key)


def _check_format(field: Field, key: str) -> None:
    dated = [name for name in ("dateStyle", "timeStyle", "ignoresTimeZone", "isRelative") if name in field]
    if any(str(field.get(name, "PKDateStyleNone")) not in DATE_STYLES for name in ("dateStyle", "timeStyle")):
        raise Refused("P11", f"The field {key} has an unknown date style.")
    if dated and not is_date(field["value"]):
        item = "P9" if "dateStyle" in dated or "timeStyle" in dated else "P11"
        raise Refused(item, f"The field {key} has {dated[0]}, but its value is no W3C date.")
    if not re.fullmatch("[A-Z]{3}", str(field.get("currencyCode", "XXX"))):
        raise Refused("P11", f"The currencyCode of the field {key} is not three capital letters.")
    if "currencyCode" in field and "numberStyle" in field:
        raise Refused("P11", f"The field {key} has both currencyCode and numberStyle.")
    if str(field.get("numberStyle", "PKNumberStyleDecimal")) not in NUMBER_STYLES:
        raise Refused("P11", f"The field {key} has an unknown numberStyle.")
    if ("currencyCode" in field or "numberStyle" in field) and not is_number(field["value"]):
        raise Refused("P11", f"The field {key} formats a number, but its value is none.")


def _check_place(field: Field, key: str, section: str) -> None:
    if "textAlignment" in field:
        if section in ("primaryFields", "backFields"):
            raise Refused("P12", f"The field {key} may not have textAlignment in {section}.")
        if str(field["textAlignment"]) not in ALIGNMENTS:
            raise Refused("P12", f"The field {key} has an unknown textAlignment.")
    if "dataDetectorTypes" in field:
        detectors = field["dataDetectorTypes"]
        if section != "backFields":
            raise Refused("P12", f"The field {key} may have dataDetectorTypes only on the back.")
        if not isinstance(detectors, list) or not DETECTORS.issuperset(map(str, detectors)):
            raise Refused("P12", f"The field {key} has unknown dataDetectorTypes.")
    marked_up = field.get("attributedValue")
    if isinstance(marked_up, str) and re.search(r"</?[A-Za-z]", MARKUP.sub("", marked_up)):
        raise Refused("P12", f"The field {key} has markup other than <a href> in attributedValue.")


def _check_layout(style: Mapping[str, Any], square_code: bool) -> None:
    count = {section: len(style.get(section, [])) for section in SECTIONS}
    if count["primaryFields"] > 1:
        raise Refused("P14", "A store card shows one primary field.")
    if count["headerFields"] > 3:
        raise Refused("P14", "A store card shows at most three header fields.")
    if square_code and count["secondaryFields"] + count["auxiliaryFields"] > 4:
        raise Refused("P14", "Beside a square code at most four secondary and auxiliary fields fit.")
