"""What docs/monitoring.md and the dashboard name is there, and what is there they name."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.pages import said
from tests.house.tree import ROOT, modules, name
from wallet_service.metrics.kinds import Count, Spread, declared
from wallet_service.push import alarm_watch
from wallet_service.web.figures import LOOKED_UP
from wallet_service.web.office import alarm_texts

PAGE = ROOT / "docs/monitoring.md"
DASHBOARD = ROOT / "docs/grafana-dashboard.json"
FIGURE = re.compile(r"^\| `([a-z_]+)(?:\{[^}]*\})?` \| (?:counter|gauge|histogram) \|", re.MULTILINE)
ALARM = re.compile(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
WORD = re.compile(r"\b[a-z][a-z_]+_[a-z_]+\b|\bregistrations\b")
FUNCTIONS = {"histogram_quantile"}


def test_every_figure_is_explained_and_no_other() -> None:
    explained = FIGURE.findall(said(PAGE))
    assert sorted(explained) == sorted(_figures())


def test_every_figure_that_the_dashboard_shows_exists() -> None:
    shown = {word for panel in _panels() for word in _words(panel)}
    assert sorted(shown - set(_shown_as()) - FUNCTIONS) == []


def test_the_dashboard_shows_every_figure() -> None:
    shown = {word for panel in _panels() for word in _words(panel)}
    missing = [figure for figure in _figures() if not any(word.startswith(figure) for word in shown)]
    assert missing == []


def test_the_panels_do_not_lie_on_each_other() -> None:
    taken = [
        (x, y)
        for panel in json.loads(said(DASHBOARD))["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_every_alarm_is_explained_and_no_other() -> None:
    raised = set(_alarms())
    table = said(PAGE).split("## Alarms")[1].split("## The log")[0]
    assert sorted(ALARM.findall(table)) == sorted(raised)


def test_the_office_has_words_for_every_alarm() -> None:
    assert {*alarm_texts.WORDS, alarm_texts.ON_EVERY_PAGE} == set(_alarms())


def _figures() -> list[str]:
    """As Prometheus calls them: a count ends in _total."""
    counted = [f"{kind.name}_total" if isinstance(kind, Count) else kind.name for kind in declared]
    return [*counted, *LOOKED_UP]


def _shown_as() -> Iterator[str]:
    yield from _figures()
    for kind in declared:
        if isinstance(kind, Spread):
            yield from (f"{kind.name}_{part}" for part in ("bucket", "count", "sum"))


def _panels() -> list[str]:
    found = [target["expr"] for panel in json.loads(said(DASHBOARD))["panels"] for target in panel["targets"]]
    assert found
    return found


def _words(expression: str) -> set[str]:
    return set(WORD.findall(re.sub(r"\$__rate_interval|\"[^\"]*\"", "", expression)))


def _alarms() -> Iterator[str]:
    """The second argument of every call that raises one."""
    yield from (alarm_watch.PUSH, alarm_watch.BACKUP, alarm_watch.DISK)
    yield from (alarm_watch.LANE, alarm_watch.SILENCE, alarm_watch.CLOCK)
    for path, tree in modules("wallet_service"):
        if name(path).startswith("wallet_service/push/alarm"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "raise_alarm":
                yield _value(path, node.args[1])


def _value(path: Path, kind: ast.expr) -> str:
    module = importlib.import_module(name(path).removesuffix(".py").replace("/", "."))
    if isinstance(kind, ast.Attribute) and isinstance(kind.value, ast.Name):
        return str(getattr(getattr(module, kind.value.id), kind.attr))
    assert isinstance(kind, ast.Name), ast.unparse(kind)
    return str(getattr(module, kind.id))
