"""The check of translations in `make check` finds what would embarrass us in front of a member."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.translations import LANGUAGES, faults_of

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
JOIN = 'msgid "join"\nmsgstr "Join"\n\n'
VISITS = 'msgid "visit"\nmsgid_plural "visits"\nmsgstr[0] "one"\nmsgstr[1] "many"\n\n'
RUSSIAN_HAS_A_THIRD_FORM = ('msgstr[1] "many"\n', 'msgstr[1] "few"\nmsgstr[2] "many"\n')


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A room with one page and one view."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text("<h1>{{ _('join') }}</h1>")
    (tmp_path / "view.py").write_text("TITLE = ngettext('visit', 'visits', 3)")
    return tmp_path


def test_a_finished_catalog_has_no_fault(room: Path) -> None:
    assert _faults(room, JOIN + VISITS) == []


@pytest.mark.parametrize(
    ("catalog", "fault"),
    [
        (JOIN, "'visit' is missing"),
        (VISITS, "'join' is missing"),
        (JOIN + VISITS.replace('"many"', '""'), "has no translation"),
        (JOIN.replace('"Join"', '""') + VISITS, "'join' has no translation"),
        (JOIN + VISITS + 'msgid "leave"\nmsgstr "Leave"\n', "'leave' is used nowhere"),
        ("#, fuzzy\n" + JOIN + VISITS, "'join' is marked fuzzy"),
        (JOIN + VISITS + '#~ msgid "old"\n#~ msgstr "Old"\n', "'old' is commented out"),
    ],
)
def test_a_fault_is_named(room: Path, catalog: str, fault: str) -> None:
    found = _faults(room, catalog)
    assert len(found) == len(LANGUAGES)
    assert all(fault in said for said in found), found


def test_a_plural_form_that_only_one_language_has_may_not_be_left_out(room: Path) -> None:
    _faults(room, JOIN + VISITS)
    russian = room / "translations/ru/LC_MESSAGES/messages.po"
    russian.write_text(HEAD + JOIN + VISITS)
    assert list(faults_of(room / "translations")) == ["messages.po: 'visit' has no translation."]


def test_a_language_that_is_not_there_misses_every_sentence(room: Path) -> None:
    assert len(list(faults_of(room / "translations"))) == 2 * len(LANGUAGES)


def _faults(room: Path, catalog: str) -> list[str]:
    for language in LANGUAGES:
        path = room / "translations" / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(HEAD + (catalog.replace(*RUSSIAN_HAS_A_THIRD_FORM) if language == "ru" else catalog))
    return list(faults_of(room / "translations"))
