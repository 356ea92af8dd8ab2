"""The facts of a breach for a person: what a notice says, whom it goes to, what is still to be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from wallet_service.web.office.alarm_texts import title_of
from wallet_service.web.office.data_kinds import kind_of_data
from wallet_service.web.office.printed import listed, moment, printed, said, table

Facts = Mapping[str, Any]


def incident_page(facts: Facts) -> str:
    """In the language that is spoken here; one file without anything around it, to be printed."""
    parts = (
        (_("Whom to tell, and until when"), listed(_deadlines())),
        (_("How many people"), table(_people(facts["kept"])) + said(_("At the most: all who were kept."))),
        (_("Which data, and of how many members"), table(_kinds(facts["kinds"])) + said(*_left_out())),
        (_("What happened in that time"), table(_happened(facts))),
        (_("Alarms"), _or_none(_alarms(facts["alarms"]))),
        (_("Keys and certificates"), table(_keys(facts["keys"]))),
        (_("What you have to write yourself"), listed(_yours())),
    )
    return printed(_("A breach: the facts for a notice"), (("", _span(facts)), *parts))


def _span(facts: Facts) -> Markup:
    since, until = moment(facts["since"]), moment(facts["until"])
    told = _("From %(since)s to %(until)s. No member is named here.", since=since, until=until)
    return said(told, _("The file incident.json beside this page holds all of it, with the audit."))


def _deadlines() -> Iterator[str]:
    yield _("GDPR, article 33: the supervisory authority, within 72 hours after you learnt of it.")
    yield _("GDPR, article 34: the people themselves, without delay, where the risk to them is high.")
    yield _("152-FZ, article 21, part 3.1: Roskomnadzor, within 24 hours that it happened.")
    yield _("152-FZ, the same part: Roskomnadzor, within 72 hours what your inquiry found.")
    yield _("This page is no legal advice.")


def _people(kept: Facts) -> Iterator[tuple[str, Any]]:
    yield _("Members"), kept["members"]
    yield _("Cards"), kept["cards"]
    yield _("Phones with Apple Wallet"), kept["phones"]
    yield _("Cards in Google Wallet"), kept["cards_at_google"]
    yield _("People who work here"), kept["staff"]


def _kinds(kinds: Facts) -> Iterator[tuple[str, Any]]:
    for kind, members in kinds.items():
        yield kind_of_data(kind), members


def _left_out() -> Iterator[str]:
    yield _("As it is now: whoever was forgotten since has no data left.")
    yield _("Passwords, bank cards and addresses of members are not kept.")


def _happened(facts: Facts) -> Iterator[tuple[str, Any]]:
    touched = facts["touched"]
    yield _("Cards that were given out"), touched["cards_made"]
    yield _("Cards that were booked on"), touched["cards_booked_on"]
    yield _("Cards that somebody of the shop looked up or changed"), touched["cards_in_the_audit"]
    yield _("Cards whose members were forgotten"), touched["cards_forgotten"]
    yield _("Messages to your own systems"), touched["webhook_messages"]
    yield _("Lines of the audit"), len(facts["audit"])


def _alarms(alarms: Iterable[Facts]) -> Iterator[tuple[str, Any]]:
    for one in alarms:
        yield title_of(one["kind"]), " – ".join(moment(at) for at in (one["raised_at"], one["over_at"]) if at)


def _or_none(rows: Iterable[tuple[str, Any]]) -> Markup:
    found = list(rows)
    return table(found) if found else said(_("None."))


def _keys(keys: Facts) -> Iterator[tuple[str, Any]]:
    for one in keys["files"]:
        yield one["name"], " – ".join(moment(at) for at in (one["since"], one["until"]) if at)
    for one in keys["retired_secret_keys"]:
        yield _("Secret key %(name)s, retired", name=one["name"]), moment(one["retired_at"])
    valid = [one for one in keys["machines"] if not one["revoked_at"]]
    yield _("Keys of machines, valid"), len(valid)
    yield _("Keys of machines, revoked"), len(keys["machines"]) - len(valid)


def _yours() -> Iterator[str]:
    yield _("What happened, when, and when you learnt of it.")
    yield _("How it came about, as far as you know.")
    yield _("What may come of it for the people.")
    yield _("What you did about it, and what you will do.")
    yield _("Who is at fault, as far as your inquiry found (152-FZ).")
    yield _("Who answers questions: name, phone, e-mail.")
