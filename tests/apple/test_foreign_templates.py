"""A template that somebody else drew becomes a card of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.iphone.bundle import Trust, open_bundle
from tests.apple.made_templates import (
    COFFEE,
    NOON,
    Phone,
    build,
    make_face,
    make_folder,
    make_picture,
    make_template,
    simple_body,
)
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.bundle.pkpass import Prepared, bundle
from wallet_service.apple.signing import certificates
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import FileSigner
from wallet_service.apple.template import pass_template


def test_P27_a_folder_made_by_somebody_else_becomes_a_card_of_ours(tmp_path: Path) -> None:
    foreign = simple_body(
        barcode={"format": "PKBarcodeFormatPDF417", "message": "0001", "messageEncoding": "iso-8859-1"},
        barcodes=[{"format": "PKBarcodeFormatPDF417", "message": "0001", "messageEncoding": "iso-8859-1"}],
        storeCard={
            "headerFields": [{"key": "points", "label": "POINTS", "value": "250"}],
            "primaryFields": [{"key": "offer", "label": "OFFER", "value": "Spring"}],
            "backFields": [{"key": "news", "label": "Terms", "value": "None"}],
        },
        unheardOf={"kept": True},
    )
    files = {
        **{"strip.png": make_picture(375, 123), "en.lproj/strip@2x.png": make_picture(750, 246)},
        **{"logo.png": make_picture(160, 50), "manifest.json": b"{}", "signature": b"old", "notes.txt": b"x"},
    }
    template = make_template(tmp_path / "other.pass", foreign, files)
    phone = Phone(build(make_face(), template), "ru")
    assert template.has_strip
    assert sorted(template.files) == ["icon.png", "icon@2x.png", "icon@3x.png", "logo.png"]
    assert phone.body["barcodes"] == [
        {
            "format": "PKBarcodeFormatPDF417",
            "message": "1234567890123456789",
            "messageEncoding": "iso-8859-1",
            "altText": "1234 5678 9012 3456 789",
        }
    ]
    assert "barcode" not in phone.body
    assert phone.body["unheardOf"] == {"kept": True}
    assert phone.body["organizationName"] == "Other Shop"
    assert phone.shows("progress") == "3 из 10, осталось 7"
    assert phone.shows("news-2") == "Уже 3 из 10! Хорошее начало."
    assert phone.fields()["news-2"]["changeMessage"] == "%@"
    assert phone.body["storeCard"]["primaryFields"] == []
    assert [field["key"] for field in phone.body["storeCard"]["auxiliaryFields"]] == ["offer", "progress"]


def test_P14_a_full_front_sends_what_is_added_to_the_back(tmp_path: Path) -> None:
    fields = [{"key": f"f{number}", "value": "x"} for number in range(4)]
    template = make_template(tmp_path, simple_body(storeCard={"secondaryFields": fields}))
    card = Phone(build(make_face(), template)).body["storeCard"]
    assert len(card["secondaryFields"]) == 4
    assert [field["key"] for field in card["backFields"]] == ["news", "progress"]


@pytest.mark.parametrize("key", [[], {"a": 1}, None], ids=["list", "object", "nothing"])
def test_P10_a_key_that_is_no_text_takes_no_name_away(key: object, tmp_path: Path) -> None:
    fields = [{"key": key, "value": "x"}]
    template = make_template(tmp_path, simple_body(storeCard={"secondaryFields": fields}))
    assert [field["key"] for field in template.body["storeCard"]["auxiliaryFields"]] == ["progress"]


@pytest.mark.parametrize("name", ["altText", "messageEncoding"])
def test_P15_a_sample_is_the_message_whatever_stands_beside_it(name: str, tmp_path: Path) -> None:
    code = {"format": "PKBarcodeFormatQR", "message": "0001", "messageEncoding": "iso-8859-1"}
    body = simple_body(barcodes=[code | {name: "{{balance}}"}])
    [shown] = Phone(build(make_face(), make_template(tmp_path, body))).body["barcodes"]
    assert (shown["message"], shown["messageEncoding"]) == (make_face().number, "iso-8859-1")


def test_other_styles_keep_their_strip_and_say_progress_in_words(tmp_path: Path) -> None:
    body = simple_body(storeCard=None, generic={"primaryFields": [{"key": "name", "value": "Card"}]})
    template = make_template(tmp_path, body, {"thumbnail.png": make_picture(90, 90)})
    phone = Phone(build(make_face(), template))
    assert not template.has_strip
    assert phone.shows("progress") == "3 of 10, 7 to go"
    assert phone.body["generic"]["primaryFields"]


@pytest.fixture(scope="module")
def phone_trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[FileSigner, Trust]:
    folder = tmp_path_factory.mktemp("certs")
    sandbox = make_sandbox(folder, NOON, "pass.sandbox.coffee")
    held = certificates.load(folder, NOON)["pass.sandbox.coffee"]
    signer = FileSigner(held.certificate, held.key, held.intermediate, lambda: NOON)
    return signer, Trust(sandbox.root_file)


FOREIGN = simple_body(
    storeCard={"primaryFields": [{"key": "offer", "label": "OFFER", "value": "Spring"}]},
    barcode={"format": "PKBarcodeFormatAztec", "message": "0001", "messageEncoding": "iso-8859-1"},
)


@pytest.mark.parametrize("body", [FOREIGN, None], ids=["foreign", "coffee"])
def test_P27_a_phone_takes_the_card_whoever_drew_it(
    body: dict[str, object] | None, phone_trust: tuple[FileSigner, Trust], tmp_path: Path
) -> None:
    template = pass_template.load(make_folder(tmp_path, body) if body else COFFEE)
    signer, trust = phone_trust
    identity = Identity(signer.pass_type, signer.team, "https://cards.example.com/apple", "t" * 43)
    face = make_face(tier={"en": "Gold", "ru": "Золото"})
    data = bundle(Prepared(template.files), pass_json.build(face, template, identity).files, signer)
    opened = open_bundle(data, trust, NOON)
    assert opened.serial == face.serial
    assert sorted(opened.languages) == ["en", "ru"]
    assert opened.lost == {}
    assert opened.languages["ru"]["3 of 10, 7 to go"] == "3 из 10, осталось 7"
