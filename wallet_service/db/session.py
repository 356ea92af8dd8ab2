"""One way in and out of the database: `begin` to write, `read` to look.

SQLite as installed loses balance updates in silence, because it opens the transaction only at the first
write. So we say BEGIN ourselves: IMMEDIATE for writers, plain for readers. Writers of one process queue on
a lock of their own, since SQLite's polling lets them starve.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as AllBusy
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from wallet_service import metrics
from wallet_service.db import quarantine
from wallet_service.db.ready import Ready, Values
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Conflict, Unavailable

log = logging.getLogger(__name__)

PATIENCE_MS = 5_000
LOOK_AGAIN = 0.003  # seconds between two looks of a writer that waits on SQLite
COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=4000",
    "secure_delete=ON",  # nobody finds the forgotten in free pages
)
POSTGRES_GUARDS = (  # an address may bring `?options=` of its own, which go after these
    "-c lock_timeout=3s -c statement_timeout=10s -c idle_in_transaction_session_timeout=5s -c timezone=UTC"
)
GONE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
"""A server that lost its power or its network says nothing any more, and Linux by itself believes in it for
hours. The last is in milliseconds.
"""
USED, IDLE = "used", 1.0  # seconds
WAKE = "wake"
"""Key of `session.info`: set by the outbox when somebody should be woken after the commit."""
COUNTED = "counted"
"""Key of `session.info`: kinds of the entries that were booked, counted when they are there for good."""


class Sessions:
    """Hands out sessions. `on_wake` runs after a commit that left something to send; its failure is
    nobody's problem, because a sweep finds every mark.
    """

    def __init__(
        self,
        database_url: str,
        on_wake: Callable[[], None] = lambda: None,
        patience_ms: int = PATIENCE_MS,
    ) -> None:
        quick = _engine(database_url, patience_ms)
        self.engine = quick.execution_options()
        self._writing = sessionmaker(quick, expire_on_commit=False)
        self._reading = sessionmaker(quick, expire_on_commit=False, autoflush=False)
        if self.sqlite:
            event.listen(self.engine, "begin", _begin)
            event.listen(self._writing, "after_begin", partial(_begin_to_write, patience_ms))
            event.listen(self._writing, "after_begin", quarantine.asked_each_time)
            event.listen(self._reading, "after_begin", _begin_to_look)
            self._glancing = quick
        else:  # T4: one snapshot for all statements of a look; SQLite's readers have it anyway
            self._reading.configure(bind=quick.execution_options(isolation_level="REPEATABLE READ"))
            self._glancing = quick.execution_options(isolation_level="AUTOCOMMIT")
            event.listen(self._writing, "after_begin", quarantine.asked_of_a_connection)
        self._queue = _Queue(patience_ms / 1000) if self.sqlite else nullcontext()
        self._on_wake = on_wake
        self._first: Callable[[], None] | None = None

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def do_first(self, what: Callable[[], None]) -> None:
        """Before the next transaction that books or lets anything out; until it succeeds there is none."""
        self._first = what

    @contextmanager
    def begin(self, *, in_quarantine: bool = False) -> Iterator[Session]:
        """One transaction that commits at the end. A busy or failing database is `Unavailable`, one that
        stands still after a restore `Quarantined` (S29), unless this neither books anything nor lets
        anything out of the building.
        """
        if self._first is not None and not in_quarantine:
            self._first()
            self._first = None
        with _translated(), self._queue, self._writing(info={quarantine.ANYWAY: in_quarantine}) as session:
            with session.begin():
                yield session
            woken = session.info.get(WAKE)
            for kind in session.info.get(COUNTED, ()):
                metrics.LEDGER_OPS.inc(kind)
        if woken:
            self._on_wake()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent look that never writes."""
        with _translated(), self._reading() as session:
            yield session

    def glance(self, asked: Ready, values: Values) -> Any | None:
        """The first row that one statement finds, without a transaction around it."""
        with _translated(), self._glancing.connect() as connection:
            return asked.row(connection, values)

    def glances(self, asked: Ready, values: Values) -> list[Any]:
        """All rows that one statement finds, without a transaction around it."""
        with _translated(), self._glancing.connect() as connection:
            return asked.rows(connection, values)

    def close(self) -> None:
        self.engine.dispose()


class _Queue:
    """Writers of one process, one at a time. While somebody else has the database each of them would wait its
    whole patience, one behind the other: nobody waits for the others longer than that.
    """

    def __init__(self, patience: float) -> None:
        self._lock, self._patience = threading.Lock(), patience

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience):
            said = Detail("Somebody else has the database. Try again in a moment.", "database/taken")
            raise Unavailable(said, retry_after=5)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@contextmanager
def _translated() -> Iterator[None]:
    """What time may mend and what somebody else did first; a mistake of ours stays what it is."""
    try:
        yield
    except AllBusy as error:
        metrics.DB_BUSY.inc()
        said = Detail("All ways to the database are taken. Try again in a moment.", "database/no-way")
        raise Unavailable(said) from error
    except DBAPIError as error:
        if (
            isinstance(error, OperationalError | InterfaceError)
            or error.connection_invalidated
            or _is_not_there(error)
        ):
            raise _unavailable(error) from error
        if isinstance(error, IntegrityError) and _is_a_second_one(error):
            raise Conflict("Somebody booked the same at the same moment. Try again.") from error
        raise


def _unavailable(error: DBAPIError) -> Unavailable:
    metrics.DB_BUSY.inc()
    log.warning("the database failed: %s", error.orig)
    if "full" in str(error.orig):
        said = Detail("The disk is full. Nothing was booked.", "database/full")
        return Unavailable(said, retry_after=60)
    said = Detail("The database does not answer. Try again in a moment.", "database/silent")
    return Unavailable(said, retry_after=5)


def _is_not_there(error: DBAPIError) -> bool:
    """A table or column that PostgreSQL lacks until `flask wallet setup` ran; SQLite says so as an
    OperationalError.
    """
    return getattr(error.orig, "sqlstate", None) in ("42P01", "42703")


def _is_a_second_one(error: IntegrityError) -> bool:
    """Of what there may be one of; other rules of the tables are only ever broken by our own mistake."""
    return getattr(error.orig, "sqlstate", None) == "23505" or getattr(
        error.orig, "sqlite_errorname", None
    ) in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def _engine(database_url: str, patience_ms: int) -> Engine:
    """A failing statement never tells its values: they are personal, or secrets."""
    url, patience = make_url(database_url), patience_ms / 1000
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            _make_private(Path(url.database))
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_timeout=patience,
            pool_use_lifo=True,  # the warmest pages
            json_serializer=COMPACT.encode,
            connect_args={"timeout": patience},
        )
        event.listen(engine, "connect", _own_the_transaction)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        pool_timeout=patience,
        pool_use_lifo=True,
        json_serializer=COMPACT.encode,
        connect_args={
            "options": f"{POSTGRES_GUARDS} {url.query.get('options', '')}",
            "connect_timeout": 5,
            **GONE,
        },
    )
    event.listen(engine, "checkin", _used)
    event.listen(engine, "checkout", partial(_still_there, engine.dialect))
    return engine


def _make_private(file: Path) -> None:
    """What lies beside it gets its mode, too. Only a new one: to close a file frees SQLite's locks on it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        file.touch(0o600)


def _used(_driver: Any, entry: ConnectionPoolEntry) -> None:
    entry.info[USED] = monotonic()


def _still_there(dialect: Dialect, driver: Any, entry: ConnectionPoolEntry, _held: Any) -> None:
    """Asked of a connection that lay idle: of one in use, the next statement tells as well."""
    if monotonic() - entry.info.setdefault(USED, monotonic()) < IDLE:
        return
    try:
        dialect.do_ping(driver)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _own_the_transaction(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_to_write(
    patience_ms: int, _session: Session, transaction: SessionTransaction, connection: Connection
) -> None:
    """SQLite's own waiting sleeps up to 0.1 s between two looks, so that a till would miss most of the gaps
    between the transactions of bulk work.
    """
    if transaction.nested:  # a savepoint begins within
        return
    driver, until = connection.connection.driver_connection, monotonic() + patience_ms / 1000
    assert driver is not None
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _has_begun(connection, last_try=monotonic() >= until):
            sleep(LOOK_AGAIN)
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience_ms}")


def _has_begun(connection: Connection, *, last_try: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if last_try or not _is_busy(error):
            raise
        return False
    return True


def _is_busy(error: OperationalError) -> bool:
    """Somebody writes, or mends what a killed one left."""
    return getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _begin_to_look(_session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        connection.exec_driver_sql("BEGIN")


def _begin(connection: Connection) -> None:
    """For whoever goes by the engine: an event there slows down every statement, so that our own sessions
    do without.
    """
    writer = connection.get_execution_options().get("wallet_writer")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
