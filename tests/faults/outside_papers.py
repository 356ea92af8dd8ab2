"""F10 and F13: APNs calls a third of the phones bad, and certificates that do not do; no phone is lost."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.faults.count import Count
from tests.faults.outside_crowd import PASS_TYPE, Crowd, gathered
from tests.services.memory import in_memory
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import Keyring
from wallet_service.domain.errors import Misconfigured, Unavailable
from wallet_service.push.outbox import BATCH

CARDS = 400
BAD = 0.3


def fuse(scale: float, seed: int) -> Count:
    """F10: 30 % of all tokens are called bad, and then it was our mistake: nobody has to lift a hand."""
    amiss: list[str] = []
    stale = asked = bad = 0
    with (
        tempfile.TemporaryDirectory(dir=in_memory()) as folder,
        gathered(Path(folder), _many(scale)) as crowd,
    ):
        for reason in ("BadDeviceToken", "DeviceTokenNotForTopic"):
            crowd.change_all()
            dice = random.Random(f"{seed} {reason}")
            chosen = dice.sample(sorted(crowd.tokens.values()), int(len(crowd.tokens) * BAD))
            crowd.apns.turn(answers=[{"reason": reason, "times": None, "token": token} for token in chosen])
            crowd.worker.run_until_idle()
            amiss += [f"{reason}: {sentence}" for sentence in _wrong_while_blown(crowd)]
            crowd.apns.turn(answers=[])
            crowd.settles()
            stale += len(crowd.stale()) + len(crowd.waiting())
            asked += crowd.apns.stats()["requests"]
            bad += len(chosen)
    return Count("F10 fuse", "30 % of the phones called bad", bad, asked, stale=stale, amiss=tuple(amiss))


def _wrong_while_blown(crowd: Crowd) -> Iterator[str]:
    pushed = len(crowd.apns.history())
    for _ in range(12):
        crowd.shop.clock.forward(minutes=5)
        crowd.worker.run_until_idle()
    if lost := len(crowd.tokens) - len(crowd.registered()):
        yield f"{lost} phones were dropped"
    if "apns-circuit" not in crowd.alarms():
        yield "no alarm"
    if pushed > max(0.8 * len(crowd.tokens), BATCH + 50):
        yield f"the lane went on: {pushed} pushes"


def certificates(scale: float, seed: int) -> Count:
    """F13: expired, of another pass type, its intermediate missing, gone; then a good one."""
    amiss: list[str] = []
    stale = asked = 0
    with (
        tempfile.TemporaryDirectory(dir=in_memory()) as folder,
        gathered(Path(folder), _many(scale)) as crowd,
    ):
        certs = Path(folder) / "certs"
        for name, spoil in SPOILT.items():
            crowd.change_all()
            with _put_back(certs):
                spoil(certs, crowd.shop.clock())
                amiss += [f"{name}: {sentence}" for sentence in _wrong_while_spoilt(crowd, certs)]
            crowd.shop.clock.forward(minutes=6)
            crowd.settles()
            stale += len(crowd.stale()) + len(crowd.waiting())
            asked += crowd.apns.stats()["requests"]
            if crowd.alarms():
                amiss.append(f"{name}: {sorted(crowd.alarms())} is still raised")
    done = f"{len(SPOILT)} ways for a certificate not to do, then a good one"
    return Count("F13 certificates", done, len(SPOILT), asked, stale=stale, amiss=tuple(amiss))


def _many(scale: float) -> int:
    return max(int(CARDS * scale), 60)


def _wrong_while_spoilt(crowd: Crowd, certs: Path) -> Iterator[str]:
    crowd.shop.clock.forward(minutes=1)
    crowd.worker.run_until_idle()
    if crowd.apns.history():
        yield f"{len(crowd.apns.history())} pushes went out"
    if "apns-circuit" not in crowd.alarms():
        yield "no alarm"
    waiting = crowd.waiting()
    if len(waiting) != len(crowd.tokens) or not all(mark.last_error for mark in waiting):
        yield f"{len(waiting)} marks wait, not all with a reason"
    try:
        Keyring(certs, crowd.shop.clock).signer(PASS_TYPE).sign(b"{}")
        yield "something was signed"
    except (Misconfigured, Unavailable):
        pass


@contextmanager
def _put_back(certs: Path) -> Iterator[None]:
    kept = certs.with_name("kept")
    shutil.copytree(certs, kept)
    try:
        yield
    finally:
        shutil.rmtree(certs)
        kept.rename(certs)
        (certs / PASS_TYPE).touch()  # as whoever imports a certificate changes the folder


def _expired(certs: Path, now: datetime) -> None:
    _replaced(certs, now - timedelta(days=800))


def _not_yet(certs: Path, now: datetime) -> None:
    _replaced(certs, now + timedelta(days=30))


def _replaced(certs: Path, made_at: datetime) -> None:
    other = certs.with_name("other")
    make_sandbox(other, made_at)
    for folder in (PASS_TYPE, "wwdr"):
        shutil.rmtree(certs / folder)
        shutil.copytree(other / folder, certs / folder)
    shutil.rmtree(other)


def _without_intermediate(certs: Path, _: datetime) -> None:
    for file in (certs / "wwdr").iterdir():
        file.unlink()


def _of_another_type(certs: Path, now: datetime) -> None:
    """Somebody put it into the wrong folder; the UID says what it is."""
    other = certs.with_name("other")
    make_sandbox(other, now, "pass.sandbox.bakery")
    shutil.rmtree(certs / PASS_TYPE)
    shutil.copytree(other / "pass.sandbox.bakery", certs / PASS_TYPE)
    shutil.rmtree(other)


def _gone(certs: Path, _: datetime) -> None:
    shutil.rmtree(certs / PASS_TYPE)


SPOILT: dict[str, Callable[[Path, datetime], None]] = {
    "expired": _expired,
    "not valid yet": _not_yet,
    "no intermediate": _without_intermediate,
    "of another pass type": _of_another_type,
    "gone": _gone,
}
