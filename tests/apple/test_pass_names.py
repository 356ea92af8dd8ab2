"""Whatever people call themselves and their shops, the pass stays whole."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apple.made_templates import (
    COFFEE,
    Phone,
    build,
    make_face,
)
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain.progress import Progress

NAMES = (
    *(
        "Анна\u202eexe.fdp",
        "a\u200bb\u200dc",
        "e" + "\u0301" * 100_000,
        "\x00null",
        "half \ud800 pair",
        "\ufeffBOM",
    ),
    *(
        "{{page}}",
        "{{7*7}}",
        "%@ %s %n",
        'quote " and \\',
        "<b>bold</b>",
        "two\nlines\r\nthree",
        "\u2028sep\u2029",
    ),
    *(
        "🏴‍☠️ 👨‍👩‍👧",
        "ﷺ" * 300,
        "Ω" * 10_000,
        "\u2066isolated\u2069",
        "\u0000",
        "\u200b",
        " \t ",
        "'; DROP TABLE",
    ),
    *(
        "\ud83d",
        "\udc00\ud800",
        "a\u0300\u0301\u0302\u0303",
        "अनुच्छेद",
        "ไทย",
        "שלום",
        "مرحبا",
        "Ａ",
        "ﬁ",
        "Å",
        "Å",
    ),
    *(
        "\x1b[31mred",
        "\x7f",
        "\x85",
        "\xad soft",
        "\u034f",
        "\u115f",
        "\u3164",
        "\ue000",
        "\uffff",
        "\U0010ffff",
    ),
    *(
        "null",
        "true",
        "1e999",
        "[]",
        "{}",
        '","evil":"',
        "\\u0000",
        "\\",
        '"',
        "/*",
        "//",
        ";",
        "=",
        "%",
        "%%@",
    ),
    *("İ", "ß", "ı", "ǅ"),
)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_S28_any_name_gives_a_valid_pass_with_bounded_single_lines(name: str, coffee: PassTemplate) -> None:
    started = time.process_time()
    texts = {"en": name, "ru": name[::-1]}
    face = make_face(reward=texts, program_name=texts, tier=texts, organization=name, news=texts)
    built = build(face, coffee)
    phone = Phone(built, "ru")
    for value in (phone.body["organizationName"], phone.body["logoText"], phone.label("progress")):
        assert len(value) <= 250
        assert not set(value) & set("\n\r\x00\u202e\u2066\u2028")
    assert json.loads(built.pass_json)["serialNumber"] == face.serial
    assert time.process_time() - started < 1


def test_S28_there_are_sixty_names_to_try() -> None:
    assert len(NAMES) >= 60


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["en", "ru"]), st.text(), min_size=2), st.integers(0, 10**6))
def test_any_face_gives_json_and_strings_that_phones_read(texts: dict[str, str], value: int) -> None:
    template = pass_template.load(COFFEE)
    face = make_face(rules=texts, reward=texts, balance=texts, progress=Progress(value, 10))
    built = build(face, template)
    assert Phone(built, "ru").body["formatVersion"] == 1
    assert Phone(built, "en").said
