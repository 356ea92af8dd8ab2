"""People's own words, made safe to show."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from wallet_service.domain.plain import one_line


@given(st.text(max_size=300))
def test_S28_whatever_comes_in_one_bounded_line_comes_out(text: str) -> None:
    line = one_line(text, 40)
    assert len(line) <= 40
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in line)
    assert one_line(line, 40) == line
    line.encode("utf-8")


def test_S28_direction_marks_and_piles_of_accents_are_gone() -> None:
    assert one_line("A\u202elice\u200b\x00") == "Alice"
    assert len(one_line("Z" + "\u0301" * 100_000)) <= 5
    assert one_line("  two\r\nlines ") == "two lines"
    assert one_line("Ольга Ёлкина") == "Ольга Ёлкина"
