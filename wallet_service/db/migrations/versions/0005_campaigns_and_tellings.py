"""Campaigns, the way of each change to the phone, what an installation knows of itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('running', 'paused', 'halted')")


def upgrade() -> None:
    _new_tables()
    _more_columns()
    _refuse_changes("audit_seal")


def _new_tables() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("program_id", BIG, nullable=False),
        sa.Column("from_version", sa.BigInteger(), nullable=False),
        sa.Column("to_version", sa.BigInteger(), nullable=False),
        sa.Column("look_before", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("quiet", sa.String(length=16), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("step_at", TIME, nullable=False),
        sa.Column("watch_minutes", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("marked", sa.BigInteger(), nullable=False),
        sa.Column("complaints", sa.BigInteger(), nullable=False),
        sa.Column("marked_at", TIME, nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'halted', 'done', 'rolled-back')", name=op.f("ck_campaign_state")
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_campaign_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index(op.f("ix_campaign_program_id"), "campaign", ["program_id"])
    op.create_index(
        "uq_campaign_open", "campaign", ["program_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "telling",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("card_id", BIG, nullable=False),
        sa.Column("wallet", sa.String(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME, nullable=False),
        sa.Column("listed_at", TIME, nullable=True),
        sa.Column("fetched_at", TIME, nullable=True),
        sa.Column("phones", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_telling_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
    )
    op.create_index("ix_telling_card", "telling", ["card_id", "wallet", "version"])
    op.create_index(op.f("ix_telling_accepted_at"), "telling", ["accepted_at"])
    op.create_table(
        "installation",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("life", sa.String(length=32), nullable=False),
        sa.Column("quarantined_at", TIME, nullable=True),
        sa.Column("restored_from", TIME, nullable=True),
        sa.Column("opened_at", TIME, nullable=True),
        sa.Column("seen_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_serial"), "erasure", ["serial"])
    op.create_table(
        "audit_seal",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("audit_id", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_seal_audit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_seal_audit_id")),
    )
    op.create_table(
        "job_turn",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("slot", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_turn")),
    )
    op.create_table(
        "picture",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_picture")),
    )
    op.create_table(
        "retired_key",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retired_key")),
        sa.UniqueConstraint("name", name=op.f("uq_retired_key_name")),
    )


def _more_columns() -> None:
    op.add_column("outbox", sa.Column("raised_at", TIME, nullable=True))
    op.add_column("outbox", sa.Column("request_id", sa.String(64), nullable=True))
    op.add_column("alarm", sa.Column("mailed_at", TIME, nullable=True))
    op.add_column("alarm", sa.Column("facts", sa.JSON(), nullable=True))
    op.add_column("apple_pass", sa.Column("fetched_at", TIME, nullable=True))
    op.add_column("push_pace", sa.Column("listed_at", TIME, nullable=True))
    op.add_column("push_pace", sa.Column("listed_number", sa.BigInteger(), nullable=True))
    op.add_column("device_log", sa.Column("kind", sa.String(32), nullable=True))
    op.add_column("device_log", sa.Column("serial", sa.String(64), nullable=True))
    op.create_index("ix_device_log_serial", "device_log", ["serial"])
    op.add_column("member", sa.Column("warned_at", TIME, nullable=True))


def _refuse_changes(table: str) -> None:
    """Append-only, whoever asks."""
    if _sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
