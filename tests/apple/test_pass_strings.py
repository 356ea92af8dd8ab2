"""The strings of a language survive everything that people write."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apple.made_templates import read_strings
from wallet_service.apple.template import pass_strings
from wallet_service.apple.template.pass_strings import BadStrings

TRICKY = st.text(st.one_of(st.sampled_from('\\"\n\r\t%@;=/*nU'), st.characters(codec="utf-8")), min_size=1)
CONTROLS = {chr(code) for code in (*range(32), 127)} - set("\n\r\t")


@given(st.dictionaries(TRICKY, TRICKY))
def test_L2_whatever_is_written_is_read_back_by_somebody_elses_reader(pairs: dict[str, str]) -> None:
    clean = {_clean(key): _clean(text) for key, text in pairs.items()}
    text = pass_strings.written(clean)
    assert read_strings(text) == clean
    assert pass_strings.parse(pass_strings.encode(text)) == clean


def _clean(text: str) -> str:
    return "".join(char for char in text if char not in CONTROLS)


def test_L2_quotes_backslashes_line_breaks_and_per_cent_signs() -> None:
    line = pass_strings.entry('50 % "off"\\\n', 'C:\\new %@ "now"\t;')
    assert line == '"50 % \\"off\\"\\\\\\n" = "C:\\\\new %@ \\"now\\"\\t;";\n'


def test_S28_controls_and_lone_surrogates_leave_a_file_that_can_be_read() -> None:
    line = pass_strings.entry("a\x00b\ud800c\x1b", "д\x7fа")
    assert pass_strings.parse(pass_strings.encode(line)) == {"abc": "да"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_L1_utf_8_and_utf_16_are_read_and_utf_8_is_written(encoding: str) -> None:
    text = '/* Übersetzung */ "Hello" = "Привет";'
    assert pass_strings.parse(text.encode(encoding)) == {"Hello": "Привет"}
    assert pass_strings.encode('"Hello" = "Привет";') == '"Hello" = "Привет";'.encode()


def test_other_peoples_escapes_and_comments_are_understood() -> None:
    text = '// first\n"a" /* x */= "b";\n/* "c" = "d"; */\n"e\\U0416" = "\\\'\\101\\UD83D\\uDE00";'
    assert pass_strings.parse(text.replace(" /* x */", " ").encode()) == {"a": "b", "eЖ": "'A😀"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"a" = "b"', 1),
        ('"a" = "b";\n"c" "d";', 2),
        ('"a" = "b";\n\n"a" = "c";', 3),
        ('"a" = "un\nclosed;', 1),
        ('"a" = "\\q";', 1),
        ("a = b;", 1),
        ("/* never closed", 1),
    ],
)
def test_L2_a_bad_line_is_named_because_it_takes_the_whole_language_with_it(text: str, line: int) -> None:
    with pytest.raises(BadStrings) as bad:
        pass_strings.parse(text.encode())
    assert bad.value.line == line


def test_L1_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadStrings):
        pass_strings.parse(b'"a" = "\xff\xfe\xfd";')


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadStrings):
        assert isinstance(pass_strings.parse(data), dict)
