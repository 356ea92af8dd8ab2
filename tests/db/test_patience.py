"""What goes over whole tables is not cut off after ten seconds; whoever comes next is."""

from __future__ import annotations

from sqlalchemy import text

from tests.services import databases, postgres
from wallet_service.db.patience import take_time
from wallet_service.db.session import Sessions


def test_a_whole_table_takes_its_time_and_the_next_transaction_does_not() -> None:
    with postgres.database(databases.server()) as address:
        sessions = Sessions(address)
        limits = []
        for whole in (True, False):
            with sessions.begin() as session:
                if whole:
                    take_time(session.connection())
                limits.append(session.scalar(text("SHOW statement_timeout")))
        sessions.close()
    assert limits == ["0", "10s"]
