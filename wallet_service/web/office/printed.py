"""A page for a file of its own, to be printed: nothing around it, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from wallet_service.web.languages import language

STYLE = "body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto}td{padding:.2em 1em .2em 0}"
BLANK = "_" * 40  # to be filled in by hand


def printed(title: str, parts: Iterable[tuple[str, Markup]]) -> str:
    """In the language that is spoken here; a part without a heading stands right below the title."""
    body = Markup().join(_part(heading, told) for heading, told in parts)
    head = Markup('<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title>').format(
        language(), title
    )
    return head + Markup("<style>{}</style><h1>{}</h1>{}</html>\n").format(STYLE, title, body)


def table(rows: Iterable[tuple[Any, ...]]) -> Markup:
    return Markup("<table>{}</table>").format(Markup().join(map(_row, rows)))


def listed(lines: Iterable[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup().join(Markup("<li>{}</li>").format(line) for line in lines))


def said(*lines: str) -> Markup:
    return Markup().join(Markup("<p>{}</p>").format(line) for line in lines)


def moment(written: str) -> str:
    """From a line as machines read it, to the minute."""
    return f"{written[:10]} {written[11:16]} UTC"


def _part(heading: str, told: Markup) -> Markup:
    return Markup("<h2>{}</h2>{}").format(heading, told) if heading else told


def _row(cells: tuple[Any, ...]) -> Markup:
    return Markup("<tr>{}</tr>").format(Markup().join(Markup("<td>{}</td>").format(cell) for cell in cells))
