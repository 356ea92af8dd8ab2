"""Who works here, and at which till: signed in by PIN, asked again at every step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, cast

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from wallet_service.actions import second_factor, shifts, staff, tills
from wallet_service.actions.once import Actor
from wallet_service.actions.shifts import Presence
from wallet_service.actions.tills import LONGEST_SHIFT, SEEN_EVERY, At, Paired
from wallet_service.db.tables import Staff
from wallet_service.domain.errors import NotAllowed, Refusal, TillUnknown, Unavailable
from wallet_service.web.limits import network
from wallet_service.web.page import services
from wallet_service.web.till_cookie import asking, this_browser

P = ParamSpec("P")

AT_THE_TILL = "/till/"
SAFE = ("GET", "HEAD")


class SignedOut(Refusal):
    slug, status, title = "signed-out", 401, "Nobody is signed in"


def needs(
    role: str, *, setting_up: bool = False
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Only for staff of this role; admins may do what cashiers do. Pages lead to the sign-in, what the till's
    page asks for is answered SignedOut. `setting_up`: a manager sees it before they have a second factor.
    """

    def guarded(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            there = who_is_there()
            if there is None or not _proved(there, role):
                return _to_the_sign_in(role)
            if there.person.role not in (role, staff.ADMIN):
                raise NotAllowed("This is for managers.")
            if role == staff.ADMIN and not setting_up and _lacks_an_app(there.person):
                return redirect(url_for("office_second_factor.page"), 303)
            _keep_seen(there)
            return view(*args, **kwargs)

        return answer

    return guarded


def who_is_there() -> Presence | None:
    """Asked once for each request. TillUnknown at a till that was blocked since."""
    if "there" not in g:
        g.there = _present()
    return cast(Presence | None, g.there)


def worker() -> Staff:
    """The person behind a view that `needs` one."""
    return _there().person


def this_till() -> At:
    """Where a view under /till is asked from. TillUnknown for a manager at a browser that is no till."""
    till = _there().till
    if till is None:
        raise TillUnknown("This browser is no till. Pair it with a code from the office.")
    return till


def shift_id() -> int:
    this_till()
    return cast(int, _there().shift)


def actor() -> Actor:
    """As the ledger names them; what is done in the office is done at no till."""
    there = _there()
    name, own = f"staff:{there.person.id}", there.person.own_card_id
    if there.till is None or not _at_the_till():
        return Actor(name, own_card=own)
    return Actor(name, store=there.till.store, till=there.till.name, own_card=own)


def show_pin(pin: str, *, code: str | None = None) -> Staff:
    """Whose it is, with the guard against guessing; signs nobody in. With a `code`, a manager who has an
    authenticator app is only found when that fits, too.
    """
    return staff.sign_in(
        services().sessions,
        pin=pin,
        address=asking() or network(),
        now=services().clock(),
        proof=lambda person: code is None or _shown_by_the_app(person, code),
    )


def sign_in(person: Staff, paired: Paired | None, *, proved: bool) -> None:
    """At this till a shift begins; without one they are in the office. `proved`: by a second factor, too."""
    now = services().clock()
    session.clear()  # nothing that was planted before the sign-in survives it
    session.update(staff=person.id, mark=shifts.mark(person), since=int(now.timestamp()), proved=proved)
    if paired is not None:
        with services().sessions.begin(in_quarantine=True) as database:
            session["shift"] = shifts.begin(database, staff=person.id, till=paired.till, now=now)
            tills.saw(database, paired.till, now)


def sign_out() -> None:
    shift = session.get("shift")
    if isinstance(shift, int):
        with services().sessions.begin(in_quarantine=True) as database:
            shifts.end(database, shift=shift, now=services().clock())
    session.clear()


def _shown_by_the_app(person: Staff, code: str) -> bool:
    if person.role != staff.ADMIN or person.second_factor is None:
        return True
    now, keys = services().clock(), services().settings.secret_keys
    step = second_factor.step_of(keys, person, person.second_factor, code, now)
    if step is None:
        return False
    with services().sessions.begin(in_quarantine=True) as database:
        return second_factor.use(database, person, step, now)


def _there() -> Presence:
    there = who_is_there()
    assert there is not None
    return there


def _present() -> Presence | None:
    known, shift, since = (session.get(name) for name in ("staff", "shift", "since"))
    now = services().clock()
    if not isinstance(known, int) or not isinstance(since, int):
        return None
    if now.timestamp() >= since + LONGEST_SHIFT.total_seconds():
        return None
    there = shifts.present(services().sessions, staff=known, shift=shift, now=now)
    if there is None or session.get("mark") != shifts.mark(there.person):
        return None
    return _where_they_signed_in(there)


def _where_they_signed_in(there: Presence) -> Presence | None:
    if there.blocked:
        raise tills.blocked()
    if _at_the_till() and there.paired != this_browser():
        return None
    return there


def _proved(there: Presence, role: str) -> bool:
    """A manager with an authenticator app has shown its code before the office opens."""
    return role != staff.ADMIN or there.person.second_factor is None or session.get("proved") is True


def _lacks_an_app(person: Staff) -> bool:
    """Only a sandbox opens its office for a PIN alone."""
    return person.second_factor is None and not services().settings.sandbox


def _keep_seen(there: Presence) -> None:
    """With what is written anyway, and some minutes apart; no press fails for it."""
    now = services().clock()
    if there.till is None or request.method in SAFE or not _at_the_till():
        return
    if there.seen_at is None or there.seen_at < now - SEEN_EVERY:
        with suppress(Unavailable), services().sessions.begin(in_quarantine=True) as database:
            tills.saw(database, there.till.id, now)


def _to_the_sign_in(role: str) -> ResponseReturnValue:
    if request.path.startswith(AT_THE_TILL):
        raise SignedOut("Nobody is signed in here. Sign in with your PIN.")
    return redirect(url_for("door.sign_in_page", then=role), 303)


def _at_the_till() -> bool:
    return request.path == "/till" or request.path.startswith(AT_THE_TILL)
