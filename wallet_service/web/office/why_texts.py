"""Why a card shows no update, in plain words: a sentence for each answer of the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _

from wallet_service.actions.why import Step
from wallet_service.push.complaints import Complaint
from wallet_service.web.languages import language
from wallet_service.web.office.detail_texts import Exactly, exactly


def said(step: Step, zone: str) -> str:
    """Moments in this time zone."""
    words = {name: _word(value, zone) for name, value in step.facts.items()}
    if "kind" in words:
        words["kind"] = complaint(words["kind"])
    if isinstance(count := step.facts.get("count"), int) and (step.question, step.case) in _COUNTED:
        return _COUNTED[step.question, step.case](count)
    return str(_SENTENCES[step.question, step.case]) % words


def wrong_with(step: Step, zone: str) -> Exactly:
    error = step.facts.get("error", "")
    return exactly(error if isinstance(error, str) else str(error), zone)


def moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    day = format_date(local, "d MMM", locale=language())
    return f"{day}, {format_time(local, 'HH:mm:ss', locale=language())}"


def complaint(kind: str) -> str:
    return str(_COMPLAINTS[kind]) if kind in _COMPLAINTS else kind


def _word(value: object, zone: str) -> str:
    return moment(value, zone) if isinstance(value, datetime) else str(value)


_COUNTED: Mapping[tuple[str, str], Callable[[int], str]] = {
    ("updates", "on"): lambda count: ngettext(
        "%(num)s phone asks for updates of this card.", "%(num)s phones ask for updates of this card.", count
    ),
    ("limits", "often"): lambda count: ngettext(
        "The phone was woken %(num)s time in two hours. iPhones then put their looks off for up to an hour.",
        "The phone was woken %(num)s times in two hours. iPhones then put their looks off for up to an hour.",
        count,
    ),
}
_SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("worker", "never"): _("No worker has run here yet. Start `flask wallet worker`."),
    ("worker", "runs"): _("A worker is running."),
    ("worker", "gone"): _("No worker runs since %(at)s. Start `flask wallet worker`."),
    ("mark", "none"): _("This wallet was never to hear of the card."),
    ("mark", "first"): _("Nothing waits to be told."),
    ("mark", "told"): _("Nothing waits: version %(version)s was told on %(at)s."),
    ("mark", "failed"): _("Waits since %(since)s, and is tried again on %(at)s (tries so far: %(tries)s)."),
    ("mark", "later"): _(
        "Waits since %(since)s, and is told on %(at)s: it keeps its distance from the push before."
    ),
    ("mark", "night"): _("Waits since %(since)s, and is told on %(at)s, when the quiet hours are over."),
    ("mark", "due"): _("Waits since %(since)s. Others that are told first: %(before)s."),
    ("parked", "no"): _("It was not given up."),
    ("parked", "yes"): _("Given up for today, and tried again on %(at)s (tries so far: %(tries)s)."),
    ("lease", "no"): _("No worker holds it."),
    ("lease", "yes"): _("A worker tells it at this moment, until %(at)s at the latest."),
    ("circuit", "closed"): _("The other side lets us in."),
    ("circuit", "open"): _(
        "Nothing is sent for %(subject)s since %(at)s. It is tried again every few minutes; "
        "`flask wallet doctor` says what is wrong."
    ),
    ("campaign", "none"): _("No change for all cards is on its way."),
    ("campaign", "past"): _("The change to version %(number)s has come to this card."),
    ("campaign", "waits"): _(
        "The change to version %(number)s has not come to this card yet "
        "(cards so far: %(done)s of %(total)s)."
    ),
    ("campaign", "stands"): _(
        "The change to version %(number)s stands still. Why, and how it goes on, stands in the office under "
        "To all cards; `flask wallet campaign show %(program)s` says it too."
    ),
    ("quarantine", "no"): _("The database is open."),
    ("quarantine", "yes"): _(
        "The database was restored or copied, and nothing is sent since %(at)s. "
        "Confirm it with `flask wallet quarantine open`."
    ),
    ("added", "never"): _("The card was never added to Apple Wallet."),
    ("notice", "speaks"): _("A field that changes carries a notice for the member."),
    ("notice", "quiet"): _("The last change was a quiet one: the card changes, and the phone says nothing."),
    ("notice", "silent"): _(
        "No field that changes has a changeMessage: the card changes, and the phone says nothing. "
        "Give one to the field with the news in the template %(template)s."
    ),
    ("notice", "broken"): _("The card cannot be made."),
    ("list", "lists"): _("A phone that asks is told of this card (change %(number)s)."),
    ("list", "ahead"): _(
        "The list went back behind what phones know, as after a copy of the database was put back by hand. "
        "`flask wallet quarantine begin`, then `flask wallet quarantine open`, gives all phones a new one."
    ),
    ("list", "unnumbered"): _(
        "The last change has no place in the list, so that phones are not told of it. "
        "The next change of the card mends it."
    ),
    ("list", "unlisted"): _("A phone that asks with its tag would not be told of this card."),
    ("papers", "good"): _("The certificate of %(subject)s signs and pushes."),
    ("papers", "none"): _(
        "There is no certificate of %(subject)s, under which it was issued. "
        "Import it again with `flask wallet certs import`."
    ),
    ("papers", "fault"): _(
        "The certificate of %(subject)s cannot be used. `flask wallet certs status` says what to do."
    ),
    ("papers", "sandbox"): _("No real phone trusts the sandbox's certificate of %(subject)s."),
    ("updates", "never"): _("No phone has added the card yet."),
    ("updates", "off"): _(
        "No phone asks for updates any more: the card was removed, or its automatic updates are off "
        "(on the back of the card)."
    ),
    ("updates", "other-app"): _("Only another wallet app holds it, which Apple does not wake."),
    ("limits", "fine"): _("The phone was not woken too often."),
    ("limits", "apns"): _("APNs asked us to leave the phone alone until %(at)s."),
    ("limits", "quiet"): _("Quiet changes keep their distance: the phone is woken on %(at)s."),
    ("reported", "nothing"): _("No phone complained of this card."),
    ("reported", "complaint"): _("A phone complained on %(at)s: %(kind)s"),
    ("reached", "untold"): _("Nothing was told of this card within the last month."),
    ("reached", "fetched"): _("A phone has what was told last, since %(at)s."),
    ("reached", "older"): _("A phone has version %(version)s since %(at)s; the newest is %(newest)s."),
    ("reached", "listed"): _("A phone asked on %(at)s, and has not fetched the card yet."),
    ("reached", "accepted"): _(
        "APNs took the push on %(at)s, and no phone has asked since: it is off, without a network, "
        "saves its battery, or cannot reach us."
    ),
    ("saved", "yes"): _("Somebody has it in Google Wallet."),
    ("saved", "perhaps"): _("Whether somebody has it in Google Wallet is not known yet."),
    ("saved", "nobody"): _("Nobody has it in Google Wallet any more."),
    ("accepted", "newest"): _("Google has the newest state."),
    ("accepted", "older"): _("Google has version %(version)s; the newest is %(newest)s."),
    ("rang", "free"): _("Google still shows notices of this card today."),
    ("rang", "spent"): _("The last change was told without a notice: Google shows three in 24 hours."),
}
_COMPLAINTS: Mapping[str, LazyString] = {
    Complaint.AUTHENTICATION: _("Its token does not open the card; it has to be added again."),
    Complaint.INVALID_PASS: _("It cannot read the card that we signed."),
    Complaint.WRONG_PASS: _("It was given another card than it asked for."),
    Complaint.DUPLICATE_KEYS: _("Two fields of the card have the same key."),
    Complaint.MALFORMED: _("It does not understand our answer."),
    Complaint.SERVER_ERROR: _("Our web service failed."),
    Complaint.UNEXPECTED_STATUS: _("Our web service answered with a status that it does not know."),
    Complaint.PERSONALIZATION: _("Signing up on the card did not work."),
    Complaint.TAG: _("The tag of the list did not move on."),
    Complaint.LISTED_UNCHANGED: _("A card was listed that had not changed."),
    Complaint.PUSH_IN_VAIN: _("It was woken, and nothing had changed."),
    Complaint.CONDITION_IGNORED: _("It was sent a card again that it had already."),
    Complaint.NO_LAST_MODIFIED: _("The card came without the time of its last change."),
    Complaint.NOT_REGISTERED: _("It was told of a card that it does not hold."),
    Complaint.PUT_OFF: _("We asked it to come back later."),
    Complaint.CONNECTION: _("It had no connection to us."),
    Complaint.OTHER: _("Something else."),
}
