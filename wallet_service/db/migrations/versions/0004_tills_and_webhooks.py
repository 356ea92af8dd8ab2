"""Stores, tills and shifts; what members say of themselves; scopes of keys; webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
ALL = "read book manage"


def upgrade() -> None:
    _new_tables()
    _more_columns()
    _first_store()
    for table in ("audit", "consent"):
        _refuse_changes(table)


def _new_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)

    op.create_table(
        "store",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("programs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        sa.UniqueConstraint("slug", name=op.f("uq_store_slug")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_name")),
    )
    op.create_table(
        "consent",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("member_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_consent_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_member_id"), "consent", ["member_id"], unique=False)

    op.create_table(
        "fiscal_drive",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("store_id", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_fiscal_drive_store_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_fiscal_drive")),
    )
    op.create_index(op.f("ix_fiscal_drive_store_id"), "fiscal_drive", ["store_id"], unique=False)

    op.create_table(
        "till",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("store_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("pairing", sa.BigInteger(), nullable=False),
        sa.Column("pairing_digest", sa.String(length=64), nullable=True),
        sa.Column("pairing_until", TIME, nullable=True),
        sa.Column("paired_at", TIME, nullable=True),
        sa.Column("blocked_at", TIME, nullable=True),
        sa.Column("seen_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_till_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till")),
        sa.UniqueConstraint("pairing_digest", name=op.f("uq_till_pairing_digest")),
        sa.UniqueConstraint("store_id", "name", name=op.f("uq_till_store_id_name")),
    )
    op.create_table(
        "till_key",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("till_id", BIG, nullable=False),
        sa.Column("public_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_till_key_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_key")),
    )
    op.create_index(op.f("ix_till_key_till_id"), "till_key", ["till_id"], unique=False)

    op.create_table(
        "webhook_message",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("card_id", BIG, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_webhook_message_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
        sa.UniqueConstraint("uid", name=op.f("uq_webhook_message_uid")),
    )
    op.create_index(op.f("ix_webhook_message_card_id"), "webhook_message", ["card_id"], unique=False)
    op.create_index(op.f("ix_webhook_message_created_at"), "webhook_message", ["created_at"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("till_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_staff_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_shift_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index("ix_shift_till_id_staff_id", "shift", ["till_id", "staff_id"], unique=False)

    op.create_table(
        "webhook_delivery",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("webhook_id", BIG, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("tried_at", TIME, nullable=True),
        sa.Column("last_status", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["webhook_message.id"], name=op.f("fk_webhook_delivery_message_id")
        ),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "message_id", "webhook_id", name=op.f("uq_webhook_delivery_message_id_webhook_id")
        ),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["webhook_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_webhook_delivery_webhook_id"), "webhook_delivery", ["webhook_id"], unique=False)


def _more_columns() -> None:
    op.add_column("api_key", sa.Column("scopes", sa.String(64), nullable=False, server_default=ALL))
    op.add_column("api_key", sa.Column("store", sa.String(64), nullable=True))
    for name in ("expires_at", "used_at"):
        op.add_column("api_key", sa.Column(name, TIME, nullable=True))
    op.add_column("card", sa.Column("blocked_at", TIME, nullable=True))
    op.add_column("card_number", sa.Column("retired_at", TIME, nullable=True))
    for name, length in (("phone", 16), ("phone_tail", 4), ("email", 254), ("birthday", 10)):
        op.add_column("member", sa.Column(name, sa.String(length), nullable=True))
    op.create_index("ix_member_phone_tail", "member", ["phone_tail"])
    op.add_column("staff", sa.Column("second_factor", sa.String(32), nullable=True))
    if _sqlite():  # there a column that refers to another table can only be added with its reference
        op.execute("ALTER TABLE staff ADD COLUMN own_card_id INTEGER REFERENCES card (id)")
    else:
        op.add_column("staff", sa.Column("own_card_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_staff_own_card_id"), "staff", "card", ["own_card_id"], ["id"])


def _first_store() -> None:
    """What the ledger calls the store of a purchase that named none."""
    op.execute("INSERT INTO store (slug, name, created_at) VALUES ('main', 'Main', CURRENT_TIMESTAMP)")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _refuse_changes(table: str) -> None:
    """Append-only, whoever asks (ledger invariant 2)."""
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
