"""Signs with django-walletpass, as its page says: a builder over the folder for each pass."""

from __future__ import annotations

import json
import sys
from time import process_time

from django_walletpass_settings import STAND, set_up

set_up(STAND)

from django_walletpass.services import PassBuilder


def made(serial: int) -> bytes:
    builder = PassBuilder(str(STAND / "card.pass"))
    builder.pass_data_required["serialNumber"] = f"card-{serial}"
    return bytes(builder.build())


assert len(made(0)) > 10_000
count, began = 0, process_time()
while process_time() - began < float(sys.argv[3]):
    count += 1
    made(count)
print(json.dumps({"a_second": count / (process_time() - began)}))
