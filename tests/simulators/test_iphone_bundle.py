"""The phone takes a good bundle and refuses each bad one with the reason."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs7

from simulators.iphone.bundle import Trust, open_bundle
from simulators.iphone.refusal import Refused
from tests.simulators.bundle_maker import PASS_TYPE, TEAM, PassMaker, coffee, make_papers, png, sign, zipped

Change = Callable[[PassMaker], object]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return Trust(make_papers().write_root(tmp_path_factory.mktemp("root")))


def refusal(data: bytes, trust: Trust, now: datetime | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        open_bundle(data, trust, now or datetime.now(UTC))
    return caught.value


def test_a_good_card_is_taken_with_its_languages(trust: Trust) -> None:
    bundle = open_bundle(coffee(make_papers(), 2), trust, datetime.now(UTC))
    assert (bundle.pass_type, bundle.serial, bundle.style) == (PASS_TYPE, "coffee-0001", "storeCard")
    assert bundle.signed_by == "Sandbox Coffee LLC"
    assert bundle.languages["ru"]["Stamps"] == "Штампы"
    assert not bundle.lost


def fields(maker: PassMaker, section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = maker.content["storeCard"][section]
    return found


def put(name: str, value: Any) -> Change:
    return lambda maker: maker.content.__setitem__(name, value)


def drop(name: str) -> Change:
    return lambda maker: maker.content.pop(name)


def put_field(section: str, **facts: Any) -> Change:
    return lambda maker: fields(maker, section)[0].update(facts)


def more_fields(section: str, count: int) -> Change:
    return lambda maker: fields(maker, section).extend(
        {"key": f"more{number}", "value": "x"} for number in range(count)
    )


def file(name: str, data: bytes) -> Change:
    return lambda maker: maker.files.__setitem__(name, data)


def no_icon(maker: PassMaker) -> None:
    for name in ("icon.png", "icon@2x.png", "icon@3x.png"):
        del maker.files[name]


def listed(name: str, digest: str | None) -> Change:
    return lambda maker: maker.manifest_changes.__setitem__(name, digest)


def other_code(**facts: Any) -> Change:
    return lambda maker: maker.content["barcodes"][0].update(facts)


def options(*kinds: pkcs7.PKCS7Options) -> Change:
    return lambda maker: setattr(maker, "options", list(kinds))


def without_chain(maker: PassMaker) -> None:
    maker.chain = False


PLACE = {"latitude": 55.75, "longitude": 37.61}
DETACHED, BINARY = pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary

BAD: list[tuple[str, str, Change]] = [
    ("B3", "SHA-1 of strip.png", listed("strip.png", "0" * 40)),
    ("B3", "SHA-1 of icon.png", listed("icon.png", hashlib.sha256(b"x").hexdigest())),
    ("B3", "which manifest.json does not list", listed("icon.png", None)),
    ("B3", "lists ghost.png", listed("ghost.png", "0" * 40)),
    ("B3", "holds ru.lproj/pass.strings", listed("ru.lproj/pass.strings", None)),
    ("B1", "points outside", file("../evil.png", b"x")),
    ("B1", "points outside", file("/evil.png", b"x")),
    ("B1", "litter", file("__MACOSX/pass.json", b"x")),
    ("B1", "folder that no pass has", file("coffee.pass/icon.png", b"x")),
    ("B2", "backslashes", file("ru.lproj\\logo.png", b"x")),
    ("B4", "detached", options(BINARY)),
    ("B4", "does not fit", options(DETACHED)),  # B8: without Binary another text is hashed
    ("B5", "signingTime", options(DETACHED, BINARY, pkcs7.PKCS7Options.NoAttributes)),
    ("B6", "trusted root", without_chain),
    ("B6", "does not carry", options(DETACHED, BINARY, pkcs7.PKCS7Options.NoCerts)),
    ("B9", "passTypeIdentifier is 'pass.example.tea'", put("passTypeIdentifier", "pass.example.tea")),
    ("B9", "teamIdentifier is 'OTHER'", put("teamIdentifier", "OTHER")),
    ("P1", "formatVersion", put("formatVersion", "1")),
    ("P1", "formatVersion", put("formatVersion", True)),
    ("P1", "description", put("description", "")),
    ("P3", "serialNumber", put("serialNumber", 17)),
    ("P2", "not 2", put("coupon", {})),
    ("P2", "not 0", drop("storeCard")),
    ("P4", "16 or more", put("authenticationToken", "short")),
    ("P4", "16 or more", put("authenticationToken", "with a space in the middle")),
    ("P5", "together", drop("authenticationToken")),
    ("P5", "https", put("webServiceURL", "http://cards.example/apple")),
    ("P5", "/v1", put("webServiceURL", "https://cards.example/apple/v1")),
    ("P5", "/v1", put("webServiceURL", "https://cards.example/apple/v1/")),
    ("P7", "backgroundColor", put("backgroundColor", "#3e271c")),
    ("P7", "labelColor", put("labelColor", "rgb(300, 0, 0)")),
    ("P7", "foregroundColor", put("foregroundColor", "rgb(1,2,3);background:url(x)")),
    ("P8", "voided", put("voided", "true")),
    ("P8", "maxDistance", put("maxDistance", "100")),
    ("P9", "expirationDate", put("expirationDate", "2027-05-31")),
    ("P9", "expirationDate", put("expirationDate", "2027-05-31T10:00:00+0100")),
    ("P9", "expirationDate", put("expirationDate", "2027-13-31T10:00:00Z")),
    ("P9", "relevantDates[0].date", put("relevantDates", [{"date": "soon"}])),
    ("P10", "'balance' is used twice", put_field("secondaryFields", key="balance")),
    ("P11", "no key", put_field("secondaryFields", key="")),
    ("P11", "needs a value", put_field("headerFields", value=None)),
    ("P11", "both", put_field("headerFields", currencyCode="RUB", numberStyle="PKNumberStyleDecimal")),
    ("P11", "formats a number", put_field("secondaryFields", numberStyle="PKNumberStyleDecimal")),
    ("P9", "no W3C date", put_field("secondaryFields", dateStyle="PKDateStyleShort")),
    ("P12", "textAlignment", put_field("backFields", textAlignment="PKTextAlignmentLeft")),
    ("P12", "only on the back", put_field("headerFields", dataDetectorTypes=[])),
    ("P12", "markup", put_field("backFields", attributedValue="<b>bold</b>")),
    ("P14", "at most four", more_fields("secondaryFields", 2)),
    ("P14", "three header", more_fields("headerFields", 3)),
    ("P14", "one primary", more_fields("primaryFields", 2)),
    ("P15", "unknown", other_code(format="QR")),
    ("P15", "cannot be written", other_code(message="кофе")),
    ("P15", "messageEncoding", other_code(messageEncoding=None)),
    ("P15", "altText", other_code(altText=5)),
    ("P18", "at most 10", put("locations", [PLACE] * 11)),
    ("P18", "as numbers", put("locations", [PLACE | {"latitude": "55.75"}])),
    ("I1", "no icon.png", no_icon),
    ("I2", "strip@2x.png is 750x300", file("strip@2x.png", png(750, 300))),
    ("I3", "icon@3x.png is 87x90", file("icon@3x.png", png(87, 90))),
    ("I3", "logo.png is 200x50", file("logo.png", png(200, 50))),
    ("I3", "not a whole PNG", file("strip.png", b"GIF89a")),
    ("I2", "ru.lproj/strip.png is 10x10", file("ru.lproj/strip.png", png(10, 10))),
]


@pytest.mark.parametrize(("item", "words", "change"), BAD, ids=[f"{item} {words}" for item, words, _ in BAD])
def test_a_bad_card_is_refused_with_the_reason(trust: Trust, item: str, words: str, change: Change) -> None:
    maker = PassMaker(make_papers())
    change(maker)
    refused = refusal(maker.make(), trust)
    assert refused.item == item
    assert words in refused.reason


def test_https_may_be_waived_for_a_sandbox(trust: Trust) -> None:
    data = coffee(make_papers(), 2, service="http://127.0.0.1:9/apple")
    assert refusal(data, trust).item == "P5"
    assert open_bundle(data, Trust(trust.root_ca, allow_http=True), datetime.now(UTC)).service


def test_the_older_strip_of_a_store_card_is_still_taken(trust: Trust) -> None:
    maker = PassMaker(make_papers())
    maker.files |= {"strip@3x.png": png(1125, 369), "icon.png": png(29, 29)}
    assert open_bundle(maker.make(), trust, datetime.now(UTC))


def test_poster_generic_may_bring_generic_along(trust: Trust) -> None:
    maker = PassMaker(make_papers())
    maker.content["generic"] = maker.content["posterGeneric"] = maker.content.pop("storeCard")
    assert open_bundle(maker.make(), trust, datetime.now(UTC)).style == "posterGeneric"


def test_a_certificate_of_another_root_is_not_trusted(trust: Trust) -> None:
    refused = refusal(coffee(make_papers(PASS_TYPE, TEAM, (-2, 300)), 2), trust)
    assert (refused.item, "trusted root" in refused.reason) == ("B6", True)


def test_an_expired_certificate_is_refused(trust: Trust) -> None:
    late = datetime.now(UTC) + timedelta(days=301)
    assert refusal(coffee(make_papers(), 2), trust, late).item == "B10"


def test_a_signature_over_another_manifest_is_refused(trust: Trust) -> None:
    maker = PassMaker(make_papers())
    files = maker.files | {"pass.json": b"{}"}
    manifest = maker._manifest(files)
    signature = sign(manifest + b" ", make_papers(), maker.options)
    assert refusal(zipped(files | {"manifest.json": manifest, "signature": signature}), trust).item == "B4"


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04junk", zipped({"pass.json": b"{}"})])
def test_rubbish_is_refused_and_never_crashes(trust: Trust, data: bytes) -> None:
    assert refusal(data, trust).item == "B1"


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_pass_json_that_is_no_object_is_refused(trust: Trust, content: bytes) -> None:
    maker = PassMaker(make_papers())
    files = maker.files | {"pass.json": content}
    manifest = maker._manifest(files)
    signature = sign(manifest, make_papers(), maker.options)
    assert refusal(zipped(files | {"manifest.json": manifest, "signature": signature}), trust).item == "P1"


def test_a_wrapping_folder_hides_everything(trust: Trust) -> None:
    assert refusal(zipped({"card/pass.json": b"{}"}), trust).item == "B1"


def test_one_bad_line_makes_the_whole_language_vanish(trust: Trust) -> None:
    maker = PassMaker(make_papers())
    maker.files["ru.lproj/pass.strings"] = '"Stamps" = "Штампы";\n"Status" = "Ста"тус";'.encode()
    bundle = open_bundle(maker.make(), trust, datetime.now(UTC))
    assert "ru" not in bundle.languages
    assert "line 1" in bundle.lost["ru"] or "line 2" in bundle.lost["ru"]


def test_a_half_way_root_file_is_never_read_as_card(trust: Trust, tmp_path: Path) -> None:
    other = make_papers(PASS_TYPE, TEAM, (-2, 300)).write_root(tmp_path)
    assert refusal(coffee(make_papers(), 2), Trust(other)).item == "B6"
