"""How the cards of a template will look, drawn from the very pass.json that phones would get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wallet_service.actions import program_body
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import BuiltPass, Identity
from wallet_service.apple.template import pass_strings, pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.apple.template.template_checks.colours import theme_of
from wallet_service.apple.template.template_files import read_files
from wallet_service.art.card_picture import CardView, Field, card_picture
from wallet_service.art.colour import Rgb, colour
from wallet_service.art.strip import strip
from wallet_service.art.theme import Theme
from wallet_service.domain import tiers, wording
from wallet_service.domain.face import CardFace, HistoryLine
from wallet_service.domain.goals import first_goal, next_level
from wallet_service.domain.identifiers import card_number, grouped
from wallet_service.domain.program import Program, Texts
from wallet_service.domain.progress import Kind, Standing, progress, stage, usual_step
from wallet_service.domain.tiers import Held

PROGRAM = Path(__file__).parent / "demo_program.json"
IDENTITY = Identity("pass.preview", "PREVIEW", "https://cards.example.com/apple", "only-for-a-picture")
DAY = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
SCALE = 2


def pictures(path: Path, program_file: Path = PROGRAM) -> Iterator[tuple[str, bytes]]:
    """File name and PNG for every state of the bar in every language."""
    template, theme = pass_template.load(path), theme_of(read_files(path))
    program = preview_program(program_file)
    for place, (name, standing) in enumerate(states(program).items(), 1):
        face = preview_face(program, standing)
        built = pass_json.build(face, template, IDENTITY)
        bar = strip(face.progress, theme, SCALE) if template.has_strip else None
        for language in face.languages:
            view = card_view(built, template, theme, language, bar)
            yield f"{place}-{name}-{language}.png", card_picture(view)


def preview_program(file: Path = PROGRAM) -> Program:
    return program_body.program("preview", 1, program_body.to_keep(json.loads(file.read_text())))


def states(program: Program) -> dict[str, Standing]:
    """A tenth of the goal was gained last; where the bar leads to a tier, the balance stands for status."""
    goal, welcome = first_goal(program).cost, program.welcome
    step = max(goal // 10, 1)
    states = {"empty": Standing()}
    if welcome:
        states["endowed"] = Standing(welcome, 0, welcome, 0, Kind.GRANT)
    for name, value in (("half", goal // 2), ("one-to-go", goal - step), ("full", goal)):
        states[name] = Standing(value, value, welcome, step, Kind.EARN)
    return states


def preview_face(program: Program, standing: Standing) -> CardFace:
    goal = first_goal(program)
    cells = program.unit.cells and goal.measure == "balance"
    bar = progress(standing, goal.cost, cells=cells, money=goal.money)
    number, (tier_name, tier) = card_number(bytes(range(16))), _tier(program, standing)
    return CardFace(
        serial="00000000-0000-4000-8000-000000000000",
        number=number,
        number_grouped=grouped(number),
        program=program.slug,
        template=program.template,
        organization=program.organization,
        languages=program.languages,
        program_name=program.name,
        news=wording.news(program, stage(standing, bar, usual_step((), program)), bar, goal),
        balance=wording.balance(program, bar),
        progress=bar,
        progress_text=wording.progress_text(program, bar, goal),
        to_go=wording.to_go(program, bar),
        reward=goal.name,
        rules=wording.rules(program),
        history=tuple(_history(program, standing)),
        page="https://cards.example.com/card/preview",
        tier_name=tier_name,
        tier=tier,
        time_zone=program.time_zone,
    )


def _tier(program: Program, standing: Standing) -> tuple[Texts | None, Texts | None]:
    if program.tiers is None:
        return None, None
    level = tiers.in_force(program, tiers.after_purchase(program, Held(), standing.status, None, DAY), DAY)
    ahead = next_level(program, standing.status, level.id if level else None)
    told = wording.tier_text(program, level, standing.status, ahead, None)
    return level.name if level else None, told


def _history(program: Program, standing: Standing) -> Iterator[HistoryLine]:
    for day in range(min(standing.status, 4)):
        text = wording.history_line(program, Kind.EARN, standing.gained, None)
        yield HistoryLine(DAY - timedelta(days=day), text)
    if standing.endowed:
        text = wording.history_line(program, Kind.GRANT, standing.endowed, None)
        yield HistoryLine(DAY - timedelta(days=9), text)


def card_view(
    built: BuiltPass, template: PassTemplate, theme: Theme, language: str, bar: bytes | None
) -> CardView:
    """What a phone in this language makes of the pass."""
    body: dict[str, Any] = json.loads(built.pass_json)
    said = pass_strings.parse(built.strings.get(f"{language}.lproj/{pass_strings.FILE}", b""))
    style = body[template.style]

    def fields(*sections: str) -> tuple[Field, ...]:
        found = (field for section in sections for field in style.get(section, []))
        return tuple((_said(field.get("label", ""), said), _said(field["value"], said)) for field in found)

    code = body["barcodes"][0]
    return CardView(
        background=_colour(body, "backgroundColor", theme.background),
        foreground=_colour(body, "foregroundColor", theme.foreground),
        label=_colour(body, "labelColor", theme.label),
        logo=_logo(template, language),
        logo_text=_said(body.get("logoText", ""), said),
        header=next(iter(fields("headerFields")), None),
        strip=bar,
        fields=fields("secondaryFields", "auxiliaryFields"),
        message=code["message"],
        alt_text=_said(code.get("altText", ""), said),
        primary=next(iter(fields("primaryFields")), None),
    )


def _said(value: object, said: dict[str, str]) -> str:
    return said.get(str(value), str(value))


def _colour(body: dict[str, Any], key: str, otherwise: Rgb) -> Rgb:
    return colour(body[key]) if key in body else otherwise


def _logo(template: PassTemplate, language: str) -> bytes | None:
    names = [
        f"{folder}logo{density}.png"
        for folder in (f"{language}.lproj/", "")
        for density in ("@2x", "@3x", "")
    ]
    return next((template.files[name] for name in names if name in template.files), None)
