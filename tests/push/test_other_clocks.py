"""The clock is wrong, and the Date of other servers' answers says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.shop import OPENING, Shop
from wallet_service.apple.signing.sandbox_certificates import COFFEE, make_sandbox
from wallet_service.apple.signing.signer import Keyring
from wallet_service.db.tables import Installation
from wallet_service.domain.errors import Unavailable
from wallet_service.push import alarm_watch
from wallet_service.push.alarms import open_alarms
from wallet_service.push.clock_watch import ClockWatch, is_trusted
from wallet_service.push.http_date import FORM
from wallet_service.push.other_clocks import OtherClocks

GOOGLE, TOKENS = "https://walletobjects.googleapis.com/x", "https://oauth2.googleapis.com/token"
CRM = "https://crm.example.com/hooks"


@dataclass
class Machine:
    """`true` is the time of the world; its own clock may say another one."""

    folder: Path
    true: datetime = OPENING
    ahead: timedelta = timedelta()
    clocks: OtherClocks = field(init=False)

    def __post_init__(self) -> None:
        self.clocks = OtherClocks(self.folder, self.steady)

    def steady(self) -> float:
        return (self.true - OPENING).total_seconds() + 1000

    @property
    def now(self) -> datetime:
        return self.true + self.ahead

    def hears(self, *urls: str, ahead: timedelta = timedelta()) -> None:
        for url in urls:
            self.clocks.heard(url, (self.true + ahead).strftime(FORM))

    @property
    def doubt(self) -> str:
        """As another process of the machine has it."""
        return OtherClocks(self.folder, self.steady).doubt(self.now)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=-6), "6 minutes behind"),
        (timedelta(minutes=12), "12 minutes ahead"),
        (timedelta(days=4000), "96000 hours ahead"),
        (timedelta(minutes=4), ""),
    ],
)
def test_two_servers_that_agree_are_believed(machine: Machine, ahead: timedelta, said: str) -> None:
    machine.ahead = ahead
    machine.hears(GOOGLE, TOKENS)
    assert said in machine.doubt
    assert bool(machine.doubt) is bool(said)


def test_one_server_alone_is_not_nor_two_that_differ_nor_one_without_tls(machine: Machine) -> None:
    machine.ahead = timedelta(hours=1)
    machine.hears(GOOGLE, GOOGLE + "/other")
    assert machine.doubt == ""
    machine.hears(CRM, ahead=timedelta(minutes=2))
    machine.hears("http://crm.example.org/")
    assert machine.doubt == ""


def test_a_minority_that_lies_stops_nobody(machine: Machine) -> None:
    machine.hears(GOOGLE, TOKENS)
    machine.hears("https://a.evil.example/", "https://b.evil.example/", ahead=timedelta(hours=1))
    assert machine.doubt == ""


def test_a_clock_that_was_set_right_is_believed_at_once(machine: Machine) -> None:
    machine.ahead = timedelta(hours=1)
    machine.hears(GOOGLE, TOKENS)
    machine.true += timedelta(minutes=59)
    assert machine.doubt
    machine.ahead = timedelta()
    assert machine.doubt == ""


def test_what_was_said_an_hour_ago_counts_no_more(machine: Machine) -> None:
    machine.ahead = timedelta(hours=1)
    machine.hears(GOOGLE, TOKENS)
    machine.true += timedelta(minutes=61)
    assert machine.clocks.verdict(machine.now) is None


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 06 Nov 94 08:49:37 GMT", "9" * 9000, None])
def test_what_is_no_date_says_nothing(machine: Machine, date: str | None) -> None:
    machine.clocks.heard(GOOGLE, date)
    assert machine.clocks.verdict(machine.now) is None


@pytest.mark.parametrize("text", ["", "[]", '{"boot": 1}', '{"heard": {"a": 1}}'])
def test_a_file_that_cannot_be_read_says_nothing(machine: Machine, text: str) -> None:
    (machine.folder / "clock.json").write_text(text)
    assert machine.doubt == ""


def test_whoever_asks_often_reads_the_file_now_and_then(machine: Machine) -> None:
    machine.ahead = timedelta(hours=1)
    machine.hears(GOOGLE, TOKENS)
    assert machine.clocks.doubt(machine.now)
    (machine.folder / "clock.json").unlink()
    assert machine.clocks.doubt(machine.now)
    machine.ahead = timedelta()
    assert machine.clocks.doubt(machine.now) == ""  # our own clock is looked at each time
    machine.ahead, machine.true = timedelta(hours=1), machine.true + timedelta(seconds=6)
    assert machine.clocks.doubt(machine.now) == ""


def test_nothing_is_signed_by_a_clock_that_others_contradict(machine: Machine) -> None:
    make_sandbox(machine.folder / "certs", machine.now)
    keyring = Keyring(machine.folder / "certs", lambda: machine.now, doubt=machine.clocks.doubt)
    assert keyring.signer(COFFEE).sign(b"{}")
    machine.ahead, machine.true = timedelta(minutes=20), machine.true + timedelta(seconds=6)
    machine.hears(GOOGLE, CRM)
    with pytest.raises(Unavailable, match=r"20 minutes ahead, as .* NTP\. Until then nothing"):
        keyring.signer(COFFEE).sign(b"{}")
    machine.ahead = timedelta()
    assert keyring.signer(COFFEE).sign(b"{}")


def test_the_alarm_names_who_says_so_and_goes_when_the_clock_is_right(shop: Shop, machine: Machine) -> None:
    def look() -> list[str]:
        found = {"clock-off": lambda now: alarm_watch.clock(machine.clocks.verdict(now), machine.folder)}
        alarm_watch.watch(shop.services.sessions, found, machine.now)
        with shop.services.sessions.read() as session:
            return [alarm.detail for alarm in open_alarms(session)]

    machine.ahead = timedelta(minutes=20)
    machine.hears(GOOGLE, CRM)
    (detail,) = look()
    assert "20 minutes ahead, say crm.example.com and walletobjects.googleapis.com." in detail
    machine.true += timedelta(hours=2)
    assert look() == [detail]  # nobody was heard since
    machine.ahead = timedelta()
    machine.hears(GOOGLE, CRM)
    assert look() == []


def test_fault_F11_a_leap_that_others_contradict_is_not_believed_after_an_hour(
    shop: Shop, machine: Machine
) -> None:
    sessions = shop.services.sessions
    with sessions.begin() as session:
        session.add(Installation(id=1, life="life", created_at=OPENING))
    watch = ClockWatch(sessions, lambda: machine.now, machine.steady, machine.clocks.doubt)
    watch.step()
    machine.ahead = timedelta(days=2)
    for _ in range(3):
        machine.hears(GOOGLE, TOKENS)
        watch.step()
        machine.true += timedelta(minutes=40)
        assert not is_trusted(sessions, machine.now)
    machine.ahead = timedelta()
    watch.step()
    assert is_trusted(sessions, machine.now)
