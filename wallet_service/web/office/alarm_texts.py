"""Alarms as managers read them: what it is and what to do; the exact words stay those of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wallet_service.db.tables import Alarm
from wallet_service.domain.program import Program
from wallet_service.push.alarm_post import Letter, News
from wallet_service.web.office.detail_texts import Exactly, exactly
from wallet_service.web.office.paper_texts import called
from wallet_service.web.office.shop_floor import zone_of
from wallet_service.web.office.why_texts import complaint
from wallet_service.web.page import told

ON_EVERY_PAGE = "quarantine"  # the banner says it
CERTIFICATE, PHONES, TRY = "certificate", "phones", "try"
WALLETS = {"apple": "Apple Wallet", "google": "Google Wallet"}
SAY_NOTHING = frozenset({"audit", "backup", "check-ledger", "clock", "sweep", "nothing"})
"""Subjects of alarms of which there is one."""


@dataclass(frozen=True)
class AlarmShown:
    """`about` is which card program, certificate or till."""

    title: str
    text: str
    about: str
    detail: Exactly
    raised_at: datetime


def shown(alarms: Iterable[Alarm], programs: Sequence[Program]) -> list[AlarmShown]:
    names = WALLETS | {program.slug: told(program.name) for program in programs}
    zone = zone_of(programs)
    return [_shown(alarm, names, zone) for alarm in alarms if alarm.kind != ON_EVERY_PAGE]


def title_of(kind: str) -> str:
    return str({**WORDS, **ELSEWHERE}.get(kind, (kind,))[0])


def letter(news: News, programs: Sequence[Program]) -> Letter:
    """The same for a mail, in the language that is spoken here."""
    names = WALLETS | {program.slug: told(program.name) for program in programs}
    title, text = {**WORDS, **ELSEWHERE}.get(news.kind, (news.kind, ""))
    about = _about(news, names)
    what = f"{title} ({about})" if about else title
    headline = _("Over: %(what)s", what=what) if news.over else _("Alarm: %(what)s", what=what)
    todo = OVER if news.over else text
    detail = exactly(news.detail, "UTC").text
    lines = (str(todo), detail, f"{news.kind}, {news.subject}. {_times(news)}")
    return Letter(str(headline), "\n\n".join(filter(None, lines)))


def _times(news: News) -> str:
    since = f"{news.raised_at:%Y-%m-%d %H:%M} UTC"
    if news.cleared_at is None:
        return str(_("Since %(since)s.", since=since))
    until = f"{news.cleared_at:%Y-%m-%d %H:%M} UTC"
    return str(_("Since %(since)s, over since %(until)s.", since=since, until=until))


def _shown(alarm: Alarm, names: Mapping[str, str], zone: str) -> AlarmShown:
    title, text = WORDS.get(alarm.kind, (alarm.kind, ""))
    detail = exactly(alarm.told, zone)
    return AlarmShown(str(title), str(text), _about(alarm, names), detail, alarm.raised_at)


def _about(alarm: Alarm | News, names: Mapping[str, str]) -> str:
    """Most subjects are names, which stay as they are."""
    if alarm.kind == CERTIFICATE:
        pass_type, _space, name = alarm.subject.partition(" ")
        return f"{pass_type}, {called(name)}"
    if alarm.kind == PHONES:
        return complaint(alarm.subject)
    return "" if alarm.subject in SAY_NOTHING else names.get(alarm.subject, alarm.subject)


OVER = _("This is over, nothing more has to be done.")
ELSEWHERE: Mapping[str, tuple[LazyString, LazyString]] = {
    ON_EVERY_PAGE: (
        _("The database was restored"),
        _("Nothing is booked, and nobody is told anything, until somebody opens it again."),
    ),
    TRY: (_("A try"), _("Alarms arrive here.")),
}
"""What is told in other ways where people sit."""

WORDS: Mapping[str, tuple[LazyString, LazyString]] = {
    "apns-circuit": (
        _("Apple does not take our pushes"),
        _(
            "`flask wallet certs status` says more. It is tried again every five minutes, and no news gets "
            "lost."
        ),
    ),
    "apns-tokens": (
        _("Apple does not know many of the phones"),
        _("None is dropped for it. Is WALLET_APNS_URL right, and is the certificate that of these cards?"),
    ),
    "audit": (
        _("The record of the office is not whole"),
        _("A line was changed or removed. `flask wallet audit verify` names it."),
    ),
    "backup": (_("The backup failed"), _("The details say why. `flask wallet backup` tries it again.")),
    "backup-age": (
        _("The newest backup is old"),
        _("One is due every 15 minutes. Look whether `flask wallet worker` runs."),
    ),
    "campaign": (
        _("A change for all cards was halted"),
        _("Phones complain. Read what they report, then let it go on or roll it back under “To all cards”."),
    ),
    "certificate": (
        _("A certificate ends soon"),
        _("Renew it with `flask wallet certs csr`. Without it no new card is signed and no news goes out."),
    ),
    "clock": (
        _("The clock of the machine was wrong"),
        _("It was set back, or leapt ahead. Let a time server set it."),
    ),
    "clock-off": (
        _("The clock of the machine is wrong"),
        _("Other servers say another time. No card is signed until a time server has set it; tills go on."),
    ),
    "disk": (_("The disk is nearly full"), _("Make room: nothing can be booked on a full disk.")),
    "google-callbacks": (
        _("Google's callbacks do not arrive"),
        _("Look whether WALLET_PUBLIC_URL can be reached from outside."),
    ),
    "google-circuit": (
        _("Google does not let us in"),
        _(
            "`flask wallet doctor google` says why. It is tried again every few minutes, and no news gets "
            "lost."
        ),
    ),
    "google-class": (
        _("Google does not take a program"),
        _("Its cards wait. The details say what is wrong."),
    ),
    "google-drift": (
        _("Google held something else than we told it"),
        _("It was told again. If this comes back every night, somebody else writes to these cards."),
    ),
    "google-lane": (
        _("Nobody talks to Google"),
        _("Cards wait for it. Look whether `flask wallet worker` runs for Google."),
    ),
    "google-options": (
        _("Google leaves something out"),
        _("It does not open this to our account, so cards go without it. Ask Google, or leave it so."),
    ),
    "ledger": (
        _("The ledger does not add up"),
        _("`flask wallet check-ledger` tells which cards; docs/ledger.md says what to do."),
    ),
    "phones": (
        _("Phones complain"),
        _("Many did within an hour. Read “What phones report” on the first page of the office."),
    ),
    "phones-silent": (
        _("Phones do not answer"),
        _(
            "Apple took our pushes for a day, and no phone asked for its card. Does WALLET_PUBLIC_URL lead "
            "here, and is the certificate that of these cards?"
        ),
    ),
    "points-budget": (
        _("More points than usual were given today"),
        _("Look at what guards saw, under “To look at”."),
    ),
    "public-certificate": (
        _("The https certificate of the public address"),
        _("Look at what renews it. Without a good one phones fetch no cards and no page opens."),
    ),
    "push-late": (
        _("News to phones is late"),
        _("Something waits for more than two minutes. Look whether `flask wallet worker` runs."),
    ),
    "signing": (
        _("Cards cannot be signed"),
        _("Nobody can add a card to Apple Wallet, and iPhones get no news. The details name the file."),
    ),
    "strange-codes": (
        _("Somebody may be guessing card numbers"),
        _("One unknown number after another is shown there. Block the till, or take the key away."),
    ),
    "webhook": (
        _("A webhook was switched off"),
        _("Its address does not take what it is told. Mend it, then switch it on again under “Webhooks”."),
    ),
}
