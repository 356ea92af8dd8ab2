"""Lots, allocations, the hash chain, tiers and tallies; what was booked before is brought into the same form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
KEPT = ("receipt", "natural_key", "store", "till", "note", "available_from")


def upgrade() -> None:
    _accept_changes("ledger_entry")
    _card()
    _ledger_entry()
    _new_tables()
    _bring_over()
    _count_rewards()
    _tighten()
    for table in ("ledger_entry", "allocation", "ledger_day"):
        _refuse_changes(table)
    _refuse_gaps()


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _card() -> None:
    for name, kind in (
        ("seq", sa.BigInteger()),
        ("pending", sa.BigInteger()),
        ("receipts", sa.BigInteger()),
        ("earned_today", sa.BigInteger()),
    ):
        op.add_column("card", sa.Column(name, kind, nullable=False, server_default="0"))
    op.add_column("card", sa.Column("head", sa.String(64), nullable=False, server_default=""))
    op.add_column("card", sa.Column("carried", sa.String(64), nullable=False, server_default="0/1"))
    for name in ("look_at", "idle_until", "tier_until", "paid_until", "earned_at"):
        op.add_column("card", sa.Column(name, TIME, nullable=True))
    for name, length in (("goal", 64), ("tier", 64), ("paid_tier", 64), ("earned_day", 10)):
        op.add_column("card", sa.Column(name, sa.String(length), nullable=True))
    if _sqlite():  # there a column that refers to another table can only be added with its reference
        op.execute("ALTER TABLE card ADD COLUMN merged_into_id INTEGER REFERENCES card (id)")
    else:
        op.add_column("card", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_card_merged_into_id"), "card", "card", ["merged_into_id"], ["id"])
    op.create_index("ix_card_look_at", "card", ["look_at"])
    op.create_index("ix_card_created_at", "card", ["created_at"])
    op.add_column("member", sa.Column("reference", sa.String(64), nullable=True))
    op.create_index("ix_member_reference", "member", ["reference"])


def _ledger_entry() -> None:
    with op.batch_alter_table("ledger_entry") as batch:
        batch.drop_constraint(op.f("uq_ledger_entry_reverses_id"), type_="unique")
        batch.alter_column("natural_key", type_=sa.String(200), existing_type=sa.String(128))
        batch.add_column(sa.Column("carried", sa.String(64), nullable=False, server_default="0/1"))
        batch.add_column(sa.Column("total", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("receipt", sa.String(128), nullable=True))
        batch.add_column(sa.Column("available_from", TIME, nullable=True))
        batch.add_column(sa.Column("expires_at", TIME, nullable=True))
        batch.add_column(sa.Column("slides", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("basis", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("note", sa.String(200), nullable=True))
        batch.add_column(sa.Column("flags", sa.String(64), nullable=True))
        batch.add_column(sa.Column("approved_by", sa.String(64), nullable=True))
        batch.add_column(sa.Column("previous_hash", sa.String(64), nullable=False, server_default=""))
        batch.add_column(sa.Column("hash", sa.String(64), nullable=False, server_default=""))


def _new_tables() -> None:
    op.create_table(
        "allocation",
        sa.Column("card_id", BIG, autoincrement=False, nullable=False),
        sa.Column("entry_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_allocation_amount")),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_allocation_card_id")),
        sa.PrimaryKeyConstraint("card_id", "entry_seq", "lot_seq", name=op.f("pk_allocation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_day",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("previous_root", sa.String(64), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_ledger_day")),
    )
    op.create_table(
        "open_lot",
        sa.Column("card_id", BIG, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("points_left", sa.BigInteger(), nullable=False),
        sa.Column("available_from", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("slides", sa.Boolean(), nullable=False),
        sa.Column("gift", sa.Boolean(), nullable=False),
        sa.CheckConstraint("points_left > 0", name=op.f("ck_open_lot_left")),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_open_lot_card_id")),
        sa.PrimaryKeyConstraint("card_id", "seq", name=op.f("pk_open_lot")),
        sqlite_with_rowid=False,
    )
    expires = sa.text("expires_at IS NOT NULL")
    op.create_index(
        "ix_open_lot_expiry",
        "open_lot",
        ["card_id", "expires_at"],
        sqlite_where=expires,
        postgresql_where=expires,
    )
    op.create_table(
        "tally",
        sa.Column("card_id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_tally_card_id")),
        sa.PrimaryKeyConstraint("card_id", "name", "period", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reward_count",
        sa.Column("program_id", BIG, autoincrement=False, nullable=False),
        sa.Column("reward", sa.String(64), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("given >= 0", name=op.f("ck_reward_count_given")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_reward_count_program_id")),
        sa.PrimaryKeyConstraint("program_id", "reward", name=op.f("pk_reward_count")),
        sqlite_with_rowid=False,
    )


def _tighten() -> None:
    with op.batch_alter_table("ledger_entry") as batch:
        for column in ("store", "till"):
            batch.alter_column(column, nullable=False, existing_type=sa.String(64))
        for column in ("carried", "slides", "previous_hash", "hash"):
            batch.alter_column(column, server_default=None)
        credit = "kind NOT IN ('earn', 'grant', 'import') OR points >= 0"
        batch.create_check_constraint(op.f("ck_ledger_entry_credits"), credit)
        debit = "kind NOT IN ('redeem', 'expire') OR points <= 0"
        batch.create_check_constraint(op.f("ck_ledger_entry_debits"), debit)
        reason = "kind <> 'adjust' OR note IS NOT NULL"
        batch.create_check_constraint(op.f("ck_ledger_entry_reason"), reason)
        second = "approved_by IS NULL OR approved_by <> actor"
        batch.create_check_constraint(op.f("ck_ledger_entry_second_person"), second)
        batch.create_check_constraint(op.f("ck_ledger_entry_seq"), "seq >= 1")
        batch.create_index("ix_ledger_entry_recorded", ["recorded_at", "kind"])
    back = sa.text("reverses_id IS NOT NULL")
    op.create_index(
        "ix_ledger_entry_reverses",
        "ledger_entry",
        ["reverses_id"],
        sqlite_where=back,
        postgresql_where=back,
    )
    undone = sa.text("kind = 'reverse'")
    op.create_index(
        "uq_ledger_entry_undone",
        "ledger_entry",
        ["reverses_id"],
        unique=True,
        sqlite_where=undone,
        postgresql_where=undone,
    )


def _bring_over() -> None:
    """Every credit becomes a lot, every debit takes from the oldest ones; then the chain is made."""
    bind = op.get_bind()
    entry = sa.Table("ledger_entry", sa.MetaData(), autoload_with=bind)
    for card_id, serial in bind.execute(sa.text("SELECT id, serial FROM card")).all():
        rows = bind.execute(sa.select(entry).where(entry.c.card_id == card_id).order_by(entry.c.seq)).mappings()
        _bring_card(bind, entry, card_id, serial, [dict(row) for row in rows])


def _count_rewards() -> None:
    """What was given and not taken back."""
    op.execute(
        "INSERT INTO reward_count (program_id, reward, given) "
        "SELECT given.program_id, given.reward, count(*) FROM ledger_entry AS given "
        "WHERE given.kind = 'redeem' AND given.reward IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM ledger_entry AS back WHERE back.reverses_id = given.id) "
        "GROUP BY given.program_id, given.reward"
    )


def _bring_card(
    bind: sa.Connection, entry: sa.Table, card_id: int, serial: str, rows: list[dict[str, Any]]
) -> None:
    lots: dict[int, dict[str, Any]] = {}
    seqs = {row["id"]: row["seq"] for row in rows}
    kinds = {row["id"]: row["kind"] for row in rows}
    debt, head, receipts, last, gained = 0, "", 0, None, 0
    taken: dict[int, dict[int, int]] = {}
    for row in rows:
        takes, debt = _moved(lots, row, debt, taken.get(seqs.get(row["reverses_id"], 0), {}))
        taken[row["seq"]] = takes
        reason = next((dict(step["facts"]).get("reason") for step in row["trace"] if step["facts"]), None)
        row |= {
            "receipt": row["natural_key"],
            "natural_key": _receipt_key(row),
            "store": row["store"] or "main",
            "till": row["till"] or "main",
            "note": str(reason or "correction") if row["kind"] == "adjust" else None,
            "available_from": row["occurred_at"] if row["points"] > 0 and row["kind"] != "reverse" else None,
            "previous_hash": head,
        }
        row["hash"] = head = _hash(bind, row, serial, seqs.get(row["reverses_id"]), takes)
        if row["kind"] != "grant" or last is None:  # a gift comes with a movement, and that one is told
            last = row["kind"]
            gained = 0 if last in ("grant", "reverse", "refund") else max(row["points"], 0)
        receipts += (row["kind"] == "earn") - (kinds.get(row["reverses_id"]) == "earn")
        bind.execute(
            sa.update(entry)
            .where(entry.c.id == row["id"])
            .values({name: row[name] for name in KEPT})
            .values(previous_hash=row["previous_hash"], hash=row["hash"])
        )
        for lot, amount in takes.items():
            bind.execute(
                sa.text("INSERT INTO allocation (card_id, entry_seq, lot_seq, amount) VALUES (:c, :e, :l, :a)"),
                {"c": card_id, "e": row["seq"], "l": lot, "a": amount},
            )
    for seq, left in lots.items():
        if left["left"]:
            bind.execute(
                sa.text(
                    "INSERT INTO open_lot (card_id, seq, points_left, available_from, slides, gift) "
                    "VALUES (:c, :s, :p, :at, :no, :gift)"
                ).bindparams(sa.bindparam("at", type_=TIME)),
                {"c": card_id, "s": seq, "p": left["left"], "at": left["at"], "no": False, "gift": left["gift"]},
            )
    bind.execute(
        sa.text(
            "UPDATE card SET seq = :seq, head = :head, receipts = :receipts, last_kind = :last, "
            "gained = :gained WHERE id = :id"
        ),
        {
            "seq": len(rows),
            "head": head,
            "receipts": max(receipts, 0),
            "last": last,
            "gained": gained,
            "id": card_id,
        },
    )


def _receipt_key(row: dict[str, Any]) -> str | None:
    """As this release tells a receipt with a slash from one of a store."""
    receipt: str | None = row["natural_key"]
    return f"/0//{receipt}" if row["kind"] == "earn" and receipt and "/" in receipt else receipt


def _moved(
    lots: dict[int, dict[str, Any]], row: dict[str, Any], debt: int, undone: dict[int, int]
) -> tuple[dict[int, int], int]:
    """What the entry took from which lot, and the debt after it."""
    points: int = row["points"]
    takes: dict[int, int] = {}
    if points > 0:
        paid = min(debt, points)
        if undone:  # a redemption that was taken back: to the same lots
            back = points - paid
            for lot, amount in undone.items():
                part = min(amount, back)
                if part:
                    lots[lot]["left"], takes[lot], back = lots[lot]["left"] + part, -part, back - part
        else:
            lots[row["seq"]] = {"left": points - paid, "at": row["occurred_at"], "gift": row["endowed"] > 0}
            takes |= {row["seq"]: paid} if paid else {}
        return takes, debt - paid
    due = -points
    for seq, there in lots.items():
        part = min(there["left"], due)
        if part:
            there["left"], takes[seq], due = there["left"] - part, part, due - part
    return takes, debt + due


def _hash(
    bind: sa.Connection, row: dict[str, Any], serial: str, reverses: int | None, takes: dict[int, int]
) -> str:
    """Form 1 of a line, as this release writes it."""
    slug, number = bind.execute(
        sa.text(
            "SELECT program.slug, program_version.number FROM program_version "
            "JOIN program ON program.id = program_version.program_id WHERE program_version.id = :id"
        ),
        {"id": row["program_version_id"]},
    ).one()
    names = (
        "seq kind points balance_after status_points endowed carried total reward natural_key receipt slides "
        "trace basis note flags actor approved_by store till"
    ).split()
    moments = ("available_from", "expires_at", "occurred_at", "recorded_at")
    said = {name: row[name] for name in names} | {name: _moment(row[name]) for name in moments}
    said |= {"slides": bool(row["slides"]), "v": 1, "card": serial, "program": f"{slug}@{number}"}
    said |= {"reverses": reverses, "takes": [[lot, takes[lot]] for lot in sorted(takes)]}
    text = json.dumps(
        [row["previous_hash"], said], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return sha256(text.encode()).hexdigest()


def _moment(at: datetime | None) -> str | None:
    if at is None:
        return None
    utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _accept_changes(table: str) -> None:
    if _sqlite():
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        return
    op.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
    op.execute(f"DROP FUNCTION IF EXISTS {table}_append_only()")


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


def _refuse_gaps() -> None:
    """A line follows the one before it, in number, balance and hash (ledger invariants 1 and 23)."""
    first = "NEW.seq = 1 AND NEW.balance_after = NEW.points AND NEW.previous_hash = ''"
    follows = (
        "EXISTS (SELECT 1 FROM ledger_entry AS before WHERE before.card_id = NEW.card_id "
        "AND before.seq = NEW.seq - 1 AND before.balance_after + NEW.points = NEW.balance_after "
        "AND before.hash = NEW.previous_hash)"
    )
    told = "ledger_entry does not follow the line before it"
    if _sqlite():
        op.execute(
            f"CREATE TRIGGER ledger_entry_follows BEFORE INSERT ON ledger_entry "
            f"WHEN NOT ({first}) AND NOT {follows} BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION ledger_entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF ({first}) OR {follows} THEN RETURN NEW; END IF; RAISE EXCEPTION '{told}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_entry_follows BEFORE INSERT ON ledger_entry "
        "FOR EACH ROW EXECUTE FUNCTION ledger_entry_follows()"
    )
