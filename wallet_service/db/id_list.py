"""Rows by a long list of ids, handed over as one value: a thousand parameters cost more than the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


def among(session: Session, column: ColumnElement[Any], ids: Sequence[int]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal([*ids], ARRAY(BigInteger)))
    listed = func.json_each(json.dumps([*ids])).table_valued("value")
    return column.in_(select(listed.c.value))
