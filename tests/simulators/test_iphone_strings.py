"""pass.strings in every form that is read in practice, and in the forms that make a language vanish."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.iphone.strings import BadStrings, parse_strings

LINE = '"Stamps" = "Штампы";'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_utf8_and_utf16_are_read(encoding: str) -> None:
    marks = {"utf-16-le-bom": b"\xff\xfe", "utf-16-be-bom": b"\xfe\xff"}
    data = marks.get(encoding, b"") + LINE.encode(encoding.removesuffix("-bom"))
    assert parse_strings(data) == {"Stamps": "Штампы"}


def test_comments_blank_lines_and_several_pairs_on_one_line() -> None:
    text = '/* a "comment" */\n\n// another\n"a"="b";"c" = "d" ;\n/* end */'
    assert parse_strings(text.encode()) == {"a": "b", "c": "d"}


def test_escapes_are_undone() -> None:
    text = r'"say \"hi\"" = "back\\slash\nnew\tline ' + '\\u20ac\\ud83d\\ude00";'
    assert parse_strings(text.encode()) == {'say "hi"': "back\\slash\nnew\tline €😀"}


@pytest.mark.parametrize(
    "text",
    [
        '"a" = "b"',
        '"a" "b";',
        '"a" = "b"c";',
        'a = "b";',
        '"a" = "b\\q";',
        '"a" = "unclosed;',
        "/* open",
        '"a" = "\\ud83d";',
    ],
)
def test_one_bad_line_spoils_the_file(text: str) -> None:
    with pytest.raises(BadStrings):
        parse_strings(f"{LINE}\n{text}".encode())


def test_utf16_without_its_mark_is_not_guessed() -> None:
    with pytest.raises(BadStrings):
        parse_strings(LINE.encode("utf-16-le"))


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(blacklist_categories=["Cs"])), st.text(st.characters(blacklist_categories=["Cs"]))
)
def test_what_was_escaped_comes_back(key: str, value: str) -> None:
    def escape(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    assert parse_strings(f'"{escape(key)}" = "{escape(value)}";'.encode()) == {key: value}
