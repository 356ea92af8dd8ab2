"""Every fault of a template is told with its file, its key and the way out."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.apple.made_templates import (
    COFFEE,
    ICONS,
    chunk,
    make_folder,
    make_picture,
    simple_body,
    with_fields,
    zipped,
)
from wallet_service.apple.template.template_check import check
from wallet_service.apple.template.template_fault import Fault, Severity

KEY = base64.b64encode(bytes(91)).decode()
NEWS = {"key": "news", "value": "{{news}}", "changeMessage": "%@"}
CODE = {"format": "PKBarcodeFormatQR", "message": "{{number}}", "messageEncoding": "iso-8859-1"}


def good(**changed: Any) -> dict[str, Any]:
    return with_fields(**({"barcodes": [CODE]} | changed))


def faults(folder: Path, body: dict[str, Any] | bytes, files: dict[str, bytes] | None = None) -> list[Fault]:
    return check(make_folder(folder, body, files))


def only(found: list[Fault]) -> tuple[str, str, Severity]:
    assert len(found) == 1, [str(fault) for fault in found]
    assert found[0].problem
    assert found[0].remedy
    return found[0].file, found[0].key, found[0].severity


def test_the_coffee_card_is_without_fault() -> None:
    assert check(COFFEE) == []


def test_a_simple_card_is_without_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, good()) == []


def test_a_fault_is_one_line_with_file_key_and_remedy(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, good(backgroundColor="mud"))
    assert str(fault).startswith("error: pass.json: backgroundColor: 'mud' is no colour. A colour is written")


def test_P10_a_key_that_is_used_in_two_sections(tmp_path: Path) -> None:
    found = faults(
        tmp_path, good() | with_fields({"key": "news", "value": "x"}, section="headerFields", barcodes=[CODE])
    )
    assert only(found) == ("pass.json", "storeCard.backFields[news].key", Severity.ERROR)


@pytest.mark.parametrize("message", ["New", "%@ and %@", ""])
def test_P13_a_change_message_without_exactly_one_mark(message: str, tmp_path: Path) -> None:
    body = simple_body(storeCard={"backFields": [NEWS | {"changeMessage": message}]}, barcodes=[CODE])
    assert only(faults(tmp_path, body)) == (
        "pass.json",
        "storeCard.backFields[news].changeMessage",
        Severity.ERROR,
    )


def test_P13_another_per_cent_sign_is_a_warning(tmp_path: Path) -> None:
    body = simple_body(storeCard={"backFields": [NEWS | {"changeMessage": "5% off: %@"}]}, barcodes=[CODE])
    assert only(faults(tmp_path, body))[2] is Severity.WARNING


def test_P13_two_fields_that_would_both_send_a_notice(tmp_path: Path) -> None:
    second = {"key": "balance", "value": "{{balance}}", "changeMessage": "Now %@"}
    assert only(faults(tmp_path, with_fields(second, barcodes=[CODE])))[1].endswith("[balance].changeMessage")


def test_P13_a_card_that_tells_no_news_is_warned_about(tmp_path: Path) -> None:
    body = simple_body(storeCard={"backFields": [{"key": "a", "value": "{{balance}}"}]}, barcodes=[CODE])
    assert only(faults(tmp_path, body)) == ("pass.json", "storeCard", Severity.WARNING)


FIELDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "P11 no key": ("backFields", {"value": "x"}, "key"),
    "P11 no value": ("backFields", {"key": "x"}, "value"),
    "P11 a list": ("backFields", {"key": "x", "value": []}, "value"),
    "P11 two formats": (
        "backFields",
        {"key": "x", "value": 1, "currencyCode": "RUB", "numberStyle": "PKNumberStyleDecimal"},
        "currencyCode",
    ),
    "P11 a number style on a text": (
        "backFields",
        {"key": "x", "value": "1", "numberStyle": "PKNumberStyleDecimal"},
        "numberStyle",
    ),
    "P11 an unknown style": ("backFields", {"key": "x", "value": 1, "numberStyle": "Fat"}, "numberStyle"),
    "P11 a style that is a list": (
        "backFields",
        {"key": "x", "value": 1, "numberStyle": ["PKNumberStyleDecimal"]},
        "numberStyle",
    ),
    "P11 a number that no card can show": ("backFields", {"key": "x", "value": 1e300}, "value"),
    "P9 a date style on a text": (
        "backFields",
        {"key": "x", "value": "today", "dateStyle": "PKDateStyleShort"},
        "dateStyle",
    ),
    "P9 an offset without colon": (
        "backFields",
        {"key": "x", "value": "2026-11-21T18:30:00+0300", "dateStyle": "PKDateStyleShort"},
        "dateStyle",
    ),
    "P8 a switch in quotes": (
        "backFields",
        {"key": "x", "value": "2026-11-21T18:30:00+03:00", "ignoresTimeZone": "true"},
        "ignoresTimeZone",
    ),
    "P12 alignment on the back": (
        "backFields",
        {"key": "x", "value": "x", "textAlignment": "PKTextAlignmentRight"},
        "textAlignment",
    ),
    "P12 detectors on the front": (
        "headerFields",
        {"key": "x", "value": "x", "dataDetectorTypes": []},
        "dataDetectorTypes",
    ),
    "P12 an unknown detector": (
        "backFields",
        {"key": "x", "value": "x", "dataDetectorTypes": ["Smell"]},
        "dataDetectorTypes",
    ),
    "P12 other markup": (
        "backFields",
        {"key": "x", "value": "x", "attributedValue": "<b>x</b>"},
        "attributedValue",
    ),
}


@pytest.mark.parametrize(("section", "field", "key"), FIELDS.values(), ids=FIELDS.keys())
def test_P8_P9_P11_P12_a_field_that_phones_drop(
    section: str, field: dict[str, Any], key: str, tmp_path: Path
) -> None:
    file, path, severity = only(faults(tmp_path, with_fields(field, section=section, barcodes=[CODE])))
    assert file == "pass.json"
    assert path.startswith(f"storeCard.{section}[")
    assert path.endswith(f"].{key}")
    assert severity is Severity.ERROR


def test_P14_I5_more_fields_than_fit(tmp_path: Path) -> None:
    def some(count: int, name: str) -> list[dict[str, str]]:
        return [{"key": f"{name}{number}", "value": "x"} for number in range(count)]

    card = {
        "headerFields": some(4, "h"),
        "primaryFields": some(1, "p"),
        "secondaryFields": some(3, "s"),
        "auxiliaryFields": some(2, "a"),
        "backFields": [NEWS],
    }
    found = faults(tmp_path, simple_body(storeCard=card, barcodes=[CODE]))
    assert [(fault.key, fault.severity) for fault in found] == [
        ("storeCard.headerFields", Severity.ERROR),
        ("storeCard", Severity.ERROR),
        ("storeCard.primaryFields", Severity.WARNING),
    ]


KEYS: dict[str, tuple[str, Any, str]] = {
    "P1 a name that is no text": ("organizationName", 7, "organizationName"),
    "P7 a colour by name": ("labelColor", "red", "labelColor"),
    "P7 a colour out of range": ("labelColor", "rgb(1, 2, 300)", "labelColor"),
    "P8 a number in quotes": ("maxDistance", "100", "maxDistance"),
    "P8 P23 a switch in quotes": ("sharingProhibited", "yes", "sharingProhibited"),
    "P9 a bare date": ("relevantDate", "2026-11-21", "relevantDate"),
    "P9 P19 a bad date in a list": ("relevantDates", [{"date": "soon"}], "relevantDates[0].date"),
    "P15 an unknown code": ("barcodes", [CODE | {"format": "QR"}], "barcodes[0].format"),
    "P15 a code that is a list": ("barcodes", [CODE | {"format": ["QR"]}], "barcodes[0].format"),
    "P15 no message": ("barcodes", [CODE | {"message": 7}], "barcodes[0].message"),
    "P15 words in Code 128": (
        "barcodes",
        [CODE | {"format": "PKBarcodeFormatCode128", "message": "{{program_name}}{{number}}"}],
        "barcodes[0].message",
    ),
    "P15 an odd encoding": (
        "barcodes",
        [CODE | {"messageEncoding": "ebcdic"}],
        "barcodes[0].messageEncoding",
    ),
    "P16 only a new code": (
        "barcodes",
        [CODE | {"format": "PKBarcodeFormatCode39"}],
        "barcodes",
    ),
    "P17 three actions": (
        "featuredActions",
        [{"identifier": str(number), "type": "x"} for number in range(3)],
        "featuredActions",
    ),
    "P17 one identifier twice": (
        "featuredActions",
        [{"identifier": "a", "type": "x"}, {"identifier": "a", "type": "y"}],
        "featuredActions[1]",
    ),
    "P17 a plain http address": (
        "featuredActions",
        [{"identifier": "a", "type": "x", "url": "http://x"}],
        "featuredActions[0].url",
    ),
    "P18 eleven places": ("locations", [{"latitude": 1, "longitude": 2}] * 11, "locations"),
    "P18 a latitude in quotes": ("locations", [{"latitude": "1", "longitude": 2}], "locations[0]"),
    "P18 a beacon without UUID": ("beacons", [{"proximityUUID": "x"}], "beacons[0].proximityUUID"),
    "P18 eleven beacons": (
        "beacons",
        [{"proximityUUID": "F8F589E9-C07E-58B0-AEAB-A36BE4D48FAC"}] * 11,
        "beacons",
    ),
    "P22 an app in quotes": ("associatedStoreIdentifiers", ["1"], "associatedStoreIdentifiers"),
    "P22 a link without an app": ("appLaunchURL", "shop://x", "appLaunchURL"),
    "S27 an unknown placeholder": ("logoText", "Hi {{nmae}}", "logoText"),
    "history outside of a field": ("logoText", "{{history_text}}", "logoText"),
}


@pytest.mark.parametrize(("name", "value", "key"), KEYS.values(), ids=KEYS.keys())
def test_P1_P7_P8_P9_P15_P16_P17_P18_P22_S27_a_key_that_is_wrong(
    name: str, value: Any, key: str, tmp_path: Path
) -> None:
    assert only(faults(tmp_path, good(**{name: value}))) == ("pass.json", key, Severity.ERROR)


def test_P2_two_styles_or_none(tmp_path: Path) -> None:
    assert only(faults(tmp_path / "a", good(coupon={})))[0] == "pass.json"
    assert only(faults(tmp_path / "b", simple_body(storeCard=None)))[0] == "pass.json"


def test_B12_P24_nfc_works_only_with_an_entitled_certificate(tmp_path: Path) -> None:
    nfc = {"message": "hello", "encryptionPublicKey": KEY}
    assert only(faults(tmp_path / "a", good(nfc=nfc))) == ("pass.json", "nfc", Severity.WARNING)
    found = faults(tmp_path / "b", good(nfc={"message": "x" * 65, "encryptionPublicKey": "?"}))
    assert [fault.key for fault in found] == ["nfc.message", "nfc.encryptionPublicKey", "nfc"]


WITHOUT_EFFECT: dict[str, tuple[str, Any]] = {
    "P7 stripColor": ("stripColor", "rgb(1, 2, 3)"),
    "P15 barcode": ("barcode", CODE),
    "P20 voided": ("voided", True),
    "P20 expirationDate": ("expirationDate", "2030-01-01T00:00Z"),
    "P21 groupingIdentifier": ("groupingIdentifier", "x"),
}


@pytest.mark.parametrize(("name", "value"), WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT.keys())
def test_P7_P20_P21_what_is_left_out_is_a_warning(name: str, value: Any, tmp_path: Path) -> None:
    assert only(faults(tmp_path, good(**{name: value}))) == ("pass.json", name, Severity.WARNING)


def test_P27_unknown_keys_are_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, good(unheardOf={"x": [1]})) == []


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("logo.png", (161, 50)),
        ("logo@2x.png", (320, 101)),
        ("thumbnail.png", (91, 90)),
        ("background.png", (300, 300)),
        ("strip@3x.png", (1125, 370)),
        ("artwork.png", (100, 100)),
        ("ru.lproj/footer.png", (287, 15)),
    ],
)
def test_I1_I2_I3_a_picture_of_the_wrong_size(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    found = [fault for fault in faults(tmp_path, good(), {name: make_picture(*size)}) if fault.file == name]
    assert only(found) == (name, "", Severity.ERROR)
    assert "x" in found[0].remedy


def test_I1_no_icon_at_all_and_an_icon_without_its_densities(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, good())
    (folder / "icon@3x.png").unlink()
    assert only(check(folder)) == ("icon@3x.png", "", Severity.WARNING)
    for name in ("icon.png", "icon@2x.png"):
        (folder / name).unlink()
    assert only(check(folder)) == ("icon.png", "", Severity.ERROR)


@pytest.mark.parametrize("size", [(29, 29), (38, 38)])
def test_I1_both_published_icon_sizes_are_right(size: tuple[int, int], tmp_path: Path) -> None:
    assert faults(tmp_path, good(), {"icon.png": make_picture(*size)}) == []


def test_I6_a_picture_that_one_language_lacks(tmp_path: Path) -> None:
    files = {"ru.lproj/logo.png": make_picture(9, 9), "en.lproj/pass.strings": b""}
    found = faults(tmp_path, good(), files)
    assert only(found) == ("en.lproj/logo.png", "", Severity.WARNING)


@pytest.mark.parametrize(
    ("name", "right"),
    [("background2x.png", "background@2x.png"), ("icon@1x.png", "icon.png"), ("Logo.png", "logo.png")],
)
def test_I7_I8_a_name_that_is_nearly_right(name: str, right: str, tmp_path: Path) -> None:
    found = faults(tmp_path, good(), {name: make_picture(9, 9)})
    assert only(found) == (name, "", Severity.WARNING)
    assert right in found[0].remedy


def test_I3_S17_a_picture_that_is_something_else(tmp_path: Path) -> None:
    assert only(faults(tmp_path / "a", good(), {"icon.png": b"GIF89a" + bytes(50)}))[0] == "icon.png"
    broken = make_picture(29, 29)
    hollow = broken[:33] + chunk(b"IDAT", b"rubbish") + chunk(b"IEND", b"")
    assert only(faults(tmp_path / "b", good(), {"icon.png": hollow}))[0] == "icon.png"


def test_contrast_that_nobody_can_read(tmp_path: Path) -> None:
    found = faults(tmp_path / "a", good(foregroundColor="rgb(40, 40, 80)"))
    assert only(found) == ("pass.json", "foregroundColor", Severity.ERROR)
    toml = b'[bar]\nfill = "#202040"\ntrack = "#202041"\n'
    keys = {(fault.file, fault.key) for fault in faults(tmp_path / "b", good(), {"template.toml": toml})}
    assert ("template.toml", "bar.fill") in keys


def test_a_template_toml_that_cannot_be_read(tmp_path: Path) -> None:
    file, key, _ = only(faults(tmp_path, good(), {"template.toml": b'[bar]\nstyle = "round"\n'}))
    assert (file, key) == ("template.toml", "bar.style")


def test_every_fault_of_a_template_toml_is_told_at_once(tmp_path: Path) -> None:
    written = b'[bar]\nstyle = "round"\nradius = 99\nglow = 1\n[reward]\nicon = "dog"\n'
    found = faults(tmp_path, good(), {"template.toml": written})
    assert {fault.key for fault in found} == {"bar.style", "bar.radius", "bar.glow", "reward.icon"}


STRINGS: dict[str, tuple[bytes, str, Severity]] = {
    "L2 a bad line": (b'"POINTS" = "x"', "line 1", Severity.ERROR),
    "L2 a key twice": (b'"POINTS" = "x";\n"POINTS" = "y";', "line 2", Severity.ERROR),
    "L3 P13 a missing mark": (b'"News: %@" = "New";', "News: %@", Severity.ERROR),
    "S27 an unknown placeholder": (b'"{{balance}}!" = "{{saldo}}!";', "{{balance}}!", Severity.ERROR),
    "a text that nobody says": (b'"Points" = "x";', "Points", Severity.WARNING),
}


@pytest.mark.parametrize(("data", "key", "severity"), STRINGS.values(), ids=STRINGS.keys())
def test_L2_L3_P13_strings_that_are_wrong(data: bytes, key: str, severity: Severity, tmp_path: Path) -> None:
    card = {
        "headerFields": [{"key": "points", "label": "POINTS", "value": "{{balance}}!"}],
        "backFields": [NEWS | {"changeMessage": "News: %@"}],
    }
    found = faults(tmp_path, simple_body(storeCard=card, barcodes=[CODE]), {"ru.lproj/pass.strings": data})
    assert ("ru.lproj/pass.strings", severity) in {(fault.file, fault.severity) for fault in found}
    assert any(key in fault.key for fault in found)


def test_P12_other_markup_in_a_translation(tmp_path: Path) -> None:
    link = "<a href='{{page}}'>Open</a>"
    body = with_fields({"key": "page", "value": "{{page}}", "attributedValue": link}, barcodes=[CODE])
    files = {"ru.lproj/pass.strings": f'"{link}" = "<b>{{{{page}}}}</b>";'.encode()}
    assert only(faults(tmp_path, body, files)) == ("ru.lproj/pass.strings", link, Severity.ERROR)


def test_L3_a_text_that_one_language_lacks(tmp_path: Path) -> None:
    body = with_fields({"key": "x", "value": "Hello"}, barcodes=[CODE])
    files = {"ru.lproj/pass.strings": '"Hello" = "Привет";'.encode(), "de.lproj/pass.strings": b""}
    assert only(faults(tmp_path, body, files)) == ("de.lproj/pass.strings", "Hello", Severity.WARNING)


def test_L4_a_folder_that_is_no_language(tmp_path: Path) -> None:
    assert only(faults(tmp_path, good(), {"Russian.lproj/pass.strings": b""}))[0] == "Russian.lproj"


def test_S16_an_unsafe_path_in_a_zip_is_told_and_nothing_else_is_looked_at(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", lambda archive: archive.writestr("../evil.png", b""))
    assert only(check(path)) == ("../evil.png", "", Severity.ERROR)


def test_errors_come_before_warnings(tmp_path: Path) -> None:
    found = faults(tmp_path, good(stripColor="rgb(1, 2, 3)", maxDistance="x"))
    assert [fault.severity for fault in found] == [Severity.ERROR, Severity.WARNING]


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_of_the_coffee_card_is_in_its_place(name: str) -> None:
    assert (COFFEE / name).is_file()
