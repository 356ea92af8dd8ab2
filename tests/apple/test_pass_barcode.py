"""The code on a pass: what it says, in which letters, and what older phones draw."""

from __future__ import annotations

from pathlib import Path

from tests.apple.made_templates import (
    Phone,
    body_of,
    build,
    make_face,
    make_template,
    simple_body,
)
from wallet_service.apple.template.pass_template import PassTemplate


def test_P15_the_code_is_the_card_number_in_the_coarsest_qr(coffee: PassTemplate) -> None:
    body = body_of(coffee)
    assert body["barcodes"] == [
        {
            "format": "PKBarcodeFormatQR",
            "message": "1234567890123456789",
            "messageEncoding": "iso-8859-1",
            "altText": "1234 5678 9012 3456 789",
        }
    ]
    assert "barcode" not in body


def test_P15_a_message_outside_latin_1_goes_out_as_utf_8(tmp_path: Path) -> None:
    code = {"format": "PKBarcodeFormatQR", "message": "{{program_name}} {{number}}"}
    template = make_template(tmp_path, simple_body(barcodes=[code]))
    face = make_face(program_name={"en": "Кофе", "ru": "Кофе"})
    assert body_of(template)["barcodes"][0]["messageEncoding"] == "iso-8859-1"
    [shown] = Phone(build(face, template)).body["barcodes"]
    assert (shown["message"], shown["messageEncoding"]) == ("Кофе 1234567890123456789", "utf-8")


def test_P15_P16_a_code_that_cannot_carry_the_message_gives_way_to_one_that_can(tmp_path: Path) -> None:
    codes = [
        {"format": "PKBarcodeFormatEAN13", "message": "{{number}}"},
        {"format": "PKBarcodeFormatCode128", "message": "{{program_name}}"},
    ]
    template = make_template(tmp_path, simple_body(barcodes=codes))
    shown = body_of(template, program_name={"en": "Кофе", "ru": "Кофе"})["barcodes"]
    assert [(code["format"], code["message"]) for code in shown] == [
        ("PKBarcodeFormatQR", "1234567890123456789")
    ]


def test_P16_a_new_code_is_followed_by_one_that_older_phones_draw(tmp_path: Path) -> None:
    code = {"format": "PKBarcodeFormatCode39", "message": "{{number}}"}
    formats = [
        c["format"] for c in body_of(make_template(tmp_path, simple_body(barcodes=[code])))["barcodes"]
    ]
    assert formats == ["PKBarcodeFormatCode39", "PKBarcodeFormatQR"]
