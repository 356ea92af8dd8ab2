"""Signs with edutap.wallet_apple: a pass out of the zipped template, as its own handler does."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from time import process_time
from zipfile import ZipFile

from edutap.wallet_apple import api

STAND = Path(sys.argv[2])
key, leaf, wwdr = ((STAND / name).read_bytes() for name in ("leaf.key", "leaf.pem", "wwdr.pem"))


def zipped() -> bytes:
    made, folder = BytesIO(), STAND / "card.pass"
    with ZipFile(made, "w") as file:
        for path in folder.rglob("*"):
            if path.is_file():
                file.write(path, str(path.relative_to(folder)))
    return made.getvalue()


TEMPLATE = zipped()


def made(serial: int) -> bytes:
    card = api.new(file=BytesIO(TEMPLATE))
    card.pass_object_safe.serialNumber = f"card-{serial}"
    card.sign_direct(key, leaf, wwdr)
    return bytes(api.pkpass(card).getvalue())


assert len(made(0)) > 10_000
count, began = 0, process_time()
while process_time() - began < float(sys.argv[3]):
    count += 1
    made(count)
print(json.dumps({"a_second": count / (process_time() - began)}))
