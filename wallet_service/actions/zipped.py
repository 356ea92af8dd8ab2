"""Several files as one zip, readable by nobody else once they are laid out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime


def zipped(files: Mapping[str, bytes], now: datetime) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.external_attr = 0o600 << 16  # without it nobody may open what `unzip` lays out
            packed.writestr(entry, body, zipfile.ZIP_DEFLATED)
    return whole.getvalue()
