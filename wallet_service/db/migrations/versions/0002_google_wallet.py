"""Google Wallet: issuer, classes, objects, notices, callbacks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "google_callback",
        sa.Column("nonce", sa.String(length=128), nullable=False),
        sa.Column("class_id", sa.String(length=128), nullable=False),
        sa.Column("object_id", sa.String(length=128), nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_google_callback")),
    )
    with op.batch_alter_table("google_callback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_google_callback_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "google_issuer",
        sa.Column("issuer_id", sa.String(length=32), nullable=False),
        sa.Column("lane_holder", sa.String(length=32), nullable=True),
        sa.Column("lane_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("circuit_open_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("circuit_reason", sa.String(length=300), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("issuer_id", name=op.f("pk_google_issuer")),
    )
    op.create_table(
        "google_class",
        sa.Column("class_id", sa.String(length=128), nullable=False),
        sa.Column("program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("accepted", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_google_class_program_id")),
        sa.PrimaryKeyConstraint("class_id", name=op.f("pk_google_class")),
    )
    with op.batch_alter_table("google_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_google_class_program_id"), ["program_id"], unique=False)

    op.create_table(
        "google_card",
        sa.Column(
            "card_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("object_id", sa.String(length=128), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.String(length=64), nullable=True),
        sa.Column("accepted_version", sa.BigInteger(), nullable=False),
        sa.Column("picture", sa.String(length=64), nullable=True),
        sa.Column("has_users", sa.Boolean(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_google_card_card_id")),
        sa.PrimaryKeyConstraint("card_id", name=op.f("pk_google_card")),
        sa.UniqueConstraint("object_id", name=op.f("uq_google_card_object_id")),
    )
    op.create_table(
        "google_notice",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_google_notice_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_google_notice")),
    )
    with op.batch_alter_table("google_notice", schema=None) as batch_op:
        batch_op.create_index("ix_google_notice_card_at", ["card_id", "at"], unique=False)
