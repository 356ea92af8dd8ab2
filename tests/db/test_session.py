"""Transactions are ours: no lost update, no half write, and a sentence when the database cannot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from sqlalchemy import bindparam, column, select, text
from sqlalchemy import table as sql_table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.services import postgres
from wallet_service.db.ready import Ready
from wallet_service.db.session import IDLE, Sessions
from wallet_service.domain.errors import Conflict, Unavailable


def make_counter(database_url: str) -> Sessions:
    sessions = Sessions(database_url)
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    return sessions


def read(sessions: Sessions) -> int:
    with sessions.read() as session:
        return int(session.execute(text("SELECT n FROM counter")).scalar_one())


def test_finding_1_read_add_write_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    """Two processes' worth of `Sessions`, each reading, waiting for the other, then writing."""
    url = f"sqlite:///{tmp_path / 'count.db'}"
    sessions = [make_counter(url), Sessions(url)]

    def add(n: int) -> None:
        with sessions[n % 2].begin() as session:
            seen = session.execute(text("SELECT n FROM counter")).scalar_one()
            session.execute(text("UPDATE counter SET n = :n"), {"n": seen + 1})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(50)))
    assert read(sessions[0]) == 50
    for one in sessions:
        one.close()


def test_finding_1_stepped_a_second_writer_waits_before_it_reads(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'count.db'}"
    first, second = make_counter(url), Sessions(url)
    reading, seen = Event(), []

    def other() -> None:
        reading.set()
        with second.begin() as session:
            seen.append(session.execute(text("SELECT n FROM counter")).scalar_one())

    with ThreadPoolExecutor(1) as thread:
        with first.begin() as session:
            session.execute(text("SELECT n FROM counter"))
            waiting = thread.submit(other)
            assert reading.wait(5)
            session.execute(text("UPDATE counter SET n = 7"))
        waiting.result(5)
    assert seen == [7]
    first.close()
    second.close()


def test_a_failure_inside_leaves_nothing_behind(empty_database_url: str) -> None:
    sessions = make_counter(empty_database_url)

    def half() -> None:
        with sessions.begin() as session:
            session.execute(text("UPDATE counter SET n = 5"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert read(sessions) == 0
    sessions.close()


def test_a_full_disk_is_a_sentence_and_reading_goes_on(tmp_path: Path) -> None:
    sessions = make_counter(f"sqlite:///{tmp_path / 'count.db'}")

    def fill() -> None:
        with sessions.begin() as session:
            session.execute(text("PRAGMA max_page_count = 3"))
            session.execute(text("CREATE TABLE big AS SELECT randomblob(100000) AS b"))

    with pytest.raises(Unavailable, match="full"):
        fill()
    assert read(sessions) == 0
    sessions.close()


def test_a_locked_database_is_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'count.db'}"
    holder, waiter = make_counter(url), Sessions(url, patience_ms=50)
    with holder.begin() as session:
        session.execute(text("UPDATE counter SET n = 1"))
        with pytest.raises(Unavailable, match="does not answer"), waiter.begin() as late:
            late.execute(text("SELECT 1"))
    assert read(waiter) == 1
    holder.close()
    waiter.close()


def test_who_waits_to_write_looks_often_and_who_reads_leaves_the_waiting_to_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'count.db'}"
    holder, waiter = make_counter(url), Sessions(url, patience_ms=4_000)
    waits, patience = Event(), text("PRAGMA busy_timeout")

    def press() -> object:
        waits.set()
        with waiter.begin() as session:
            session.execute(text("UPDATE counter SET n = n + 1"))
            return session.scalar(patience)

    with ThreadPoolExecutor(1) as person:
        with holder.begin() as session:
            pressed = person.submit(press)
            waits.wait()
            session.execute(text("UPDATE counter SET n = n + 1"))
        assert pressed.result() == 4_000
    assert read(waiter) == 2
    holder.close()
    waiter.close()


def test_nobody_waits_for_ever_behind_others_of_the_same_process(tmp_path: Path) -> None:
    """While somebody else has the database, each of a row of writers would wait in turn."""
    sessions = Sessions(f"sqlite:///{tmp_path / 'count.db'}", patience_ms=50)

    def press() -> None:
        with pytest.raises(Unavailable, match="Somebody else"), sessions.begin():
            pass

    with sessions.begin(), ThreadPoolExecutor(2) as people:
        for person in [people.submit(press) for _ in range(2)]:
            person.result()
    sessions.close()


def test_a_second_one_of_what_there_is_one_of_is_a_conflict(empty_database_url: str) -> None:
    sessions = make_counter(empty_database_url)
    with sessions.begin() as session:
        session.execute(text("CREATE UNIQUE INDEX one_of_each ON counter (n)"))
    with pytest.raises(Conflict), sessions.begin() as session:
        session.execute(text("INSERT INTO counter VALUES (0)"))
    sessions.close()


def test_a_mistake_of_ours_is_no_conflict_and_does_not_tell_the_values(empty_database_url: str) -> None:
    sessions = make_counter(empty_database_url)
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE member (name TEXT, age INTEGER NOT NULL)"))
    with pytest.raises(IntegrityError) as mistake, sessions.begin() as session:
        session.execute(text("INSERT INTO member VALUES (:name, NULL)"), {"name": "Alice"})
    assert "Alice" not in str(mistake.value).partition("DETAIL")[0]
    sessions.close()


def test_a_connection_that_the_database_hung_up_is_a_sentence(postgres_url: str) -> None:
    with postgres.database(postgres_url) as address:
        sessions = make_counter(address)

        def doze() -> None:
            with sessions.begin() as session:
                session.execute(text("SET idle_in_transaction_session_timeout = 50"))
                sleep(0.2)
                session.execute(text("SELECT n FROM counter"))

        with pytest.raises(Unavailable, match="does not answer"):
            doze()
        assert read(sessions) == 0
        sessions.close()


def test_a_database_whose_machine_is_gone_holds_nobody_for_hours(postgres_url: str) -> None:
    """As when it lost its power or its network, and says nothing any more."""
    sessions = Sessions(postgres_url)
    with sessions.read() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        said = driver.info.get_parameters()
    sessions.close()
    idle, each, times = (int(said[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + each * times <= 30
    assert int(said["tcp_user_timeout"]) <= 30_000


def test_more_readers_than_connections_is_a_sentence(tmp_path: Path) -> None:
    sessions = Sessions(f"sqlite:///{tmp_path / 'count.db'}", patience_ms=50)

    def look_without_end() -> None:
        with ExitStack() as looking:
            while True:
                looking.enter_context(sessions.read()).execute(text("SELECT 1"))

    with pytest.raises(Unavailable, match="are taken"):
        look_without_end()
    sessions.close()


def test_a_wake_up_follows_the_commit_and_only_then(tmp_path: Path) -> None:
    woken: list[int] = []
    sessions = Sessions(f"sqlite:///{tmp_path / 'wake.db'}", on_wake=lambda: woken.append(1))
    with sessions.begin() as session:
        session.info["wake"] = True
        session.execute(text("SELECT 1"))
        assert woken == []
    assert woken == [1]
    with sessions.begin() as session:
        session.execute(text("SELECT 1"))
    assert woken == [1]
    sessions.close()


def test_a_part_that_fails_is_undone_and_the_rest_is_kept(empty_database_url: str) -> None:
    sessions = make_counter(empty_database_url)

    def half_way(session: Session) -> None:
        with session.begin_nested():
            session.execute(text("UPDATE counter SET n = 2"))
            raise LookupError

    with sessions.begin() as session:
        session.execute(text("UPDATE counter SET n = 1"))
        with pytest.raises(LookupError):
            half_way(session)
    assert read(sessions) == 1
    sessions.close()


def test_a_connection_that_was_cut_while_it_lay_idle_is_noticed_by_nobody(postgres_url: str) -> None:
    with postgres.database(postgres_url) as address:
        sessions, others = make_counter(address), Sessions(address)
        assert read(sessions) == 0
        with others.begin() as session:
            ours = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            session.execute(text(f"SELECT pg_terminate_backend(pid) {ours}"))
        sleep(IDLE)
        assert read(sessions) == 0
        for one in (sessions, others):
            one.close()


def test_a_glance_sees_what_was_committed_and_leaves_nothing_open(empty_database_url: str) -> None:
    sessions = make_counter(empty_database_url)
    asked = Ready(
        select(column("n")).select_from(sql_table("counter")).where(column("n") >= bindparam("least"))
    )
    for n in range(1, 4):
        with sessions.begin() as session:
            session.execute(text("UPDATE counter SET n = :n"), {"n": n})
        assert sessions.glance(asked, {"least": 0}) == (n,)
    assert sessions.glance(asked, {"least": 9}) is None
    sessions.close()


def test_a_new_file_and_what_lies_beside_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # as somebody made it by hand
    sessions = Sessions(f"sqlite:///{tmp_path / 'wallet.db'}")
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE one (id INTEGER)"))
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    sessions.close()
