"""A template says with placeholders what a card shows, and can say nothing else with them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.apple.made_templates import (
    Phone,
    build,
    make_face,
    make_template,
    simple_body,
    with_fields,
)
from wallet_service.apple.template.placeholders import NAMES, UnknownPlaceholder, parse
from wallet_service.apple.template.template_fault import BadTemplate

PAYLOADS = (
    *(
        "{{7*7}}",
        "{{config}}",
        "{{ self }}",
        "{{''.__class__}}",
        "{{''.__class__.__mro__[1]}}",
        "{{face.number}}",
    ),
    *(
        "{{page.__init__.__globals__}}",
        "{{request.application}}",
        "{{cycler.__init__}}",
        "{{lipsum}}",
        "{{get()}}",
    ),
    *(
        "{{number|upper}}",
        "{{number[0]}}",
        "{{number } }",
        "{{}}",
        "{{ }}",
        "{{\n}}",
        "{{number",
        "{{{number}}}",
    ),
    *(
        "{{Number}}",
        "{{NUMBER}}",
        "{{number!r}}",
        "{{number:>99999999}}",
        "{{number\u200b}}",
        "{{\u043fage}}",
    ),
    *(
        "{{news or page}}",
        "{{news if page}}",
        "{{'a' * 10**9}}",
        "{{range(10**9)}}",
        "{{open('/etc/passwd')}}",
    ),
    *(
        "{{__import__('os')}}",
        "{{0.__class__}}",
        "{{#page}}",
        "{{/page}}",
        "{{>page}}",
        "{{&page}}",
        "{{{page}}",
    ),
    *("{{%page}}", "{{page;}}", "{{page\x00}}", "{{../page}}", "{{authentication_token}}", "{{secret_key}}"),
    *(
        "{{" * 50_000,
        "{{" + "a" * 100_000 + "}}",
        "{{{{page}}}}",
        "{{serial.hex}}",
        "{{ _ }}",
        "{{page page}}",
    ),
    *("{{$page}}", "{{@page}}", "{{page=1}}", "{{-page-}}", "{{page,number}}", "{{*names}}", "{{\tpage}}"),
)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_S27_only_a_known_name_is_a_placeholder(payload: str, tmp_path: Path) -> None:
    started = time.process_time()
    with pytest.raises(UnknownPlaceholder):
        parse(payload)
    assert time.process_time() - started < 0.1
    with pytest.raises(BadTemplate, match="no placeholder"):
        make_template(tmp_path, simple_body(logoText=payload))


def test_S27_there_are_fifty_payloads() -> None:
    assert len(PAYLOADS) >= 50


@pytest.mark.parametrize(
    "text", ["{% for x in y %}", "${page}", "#{page}", "<%= page %>", "%(page)s", "{page}", "}}"]
)
def test_S27_other_peoples_marks_are_plain_text(text: str, tmp_path: Path) -> None:
    built = build(make_face(), make_template(tmp_path, simple_body(logoText=text)))
    assert Phone(built).body["logoText"] == text


def test_S27_what_a_placeholder_brings_is_never_read_again(tmp_path: Path) -> None:
    template = make_template(tmp_path, simple_body(logoText="{{reward}} / {{ page }}"))
    built = build(make_face(reward={"en": "{{serial}}", "ru": "{{serial}}"}), template)
    assert Phone(built).body["logoText"] == "{{serial}} / https://cards.example.com/card/abc"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_placeholder_can_stand_in_a_field(name: str, tmp_path: Path) -> None:
    template = make_template(tmp_path, with_fields({"key": "x", "value": f"{{{{{name}}}}}"}))
    values = [field["value"] for field in Phone(build(make_face(), template)).fields().values()]
    assert "" not in values
    assert not any("{{" in str(value) for value in values)
