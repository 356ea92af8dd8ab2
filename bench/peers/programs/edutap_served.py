"""edutap.wallet_apple's web service over one card in memory, and /about, which says what may be asked."""

from __future__ import annotations

import json
import os
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

STAND = Path(os.environ["PEER_STAND"])
BODY = json.loads((STAND / "card.pass" / "pass.json").read_text())
KIND, SERIAL, DEVICE = BODY["passTypeIdentifier"], BODY["serialNumber"], "0" * 32
(STAND / f"certificate-{KIND}.pem").write_bytes((STAND / "leaf.pem").read_bytes())
os.environ |= {
    "EDUTAP_WALLET_APPLE_PRIVATE_KEY": str(STAND / "leaf.key"),
    "EDUTAP_WALLET_APPLE_CERT_DIR": str(STAND),
    "EDUTAP_WALLET_APPLE_WWDR_CERTIFICATE": str(STAND / "wwdr.pem"),
    "EDUTAP_WALLET_APPLE_TEAM_IDENTIFIER": BODY["teamIdentifier"],
}

import structlog
from edutap.wallet_apple import plugins
from edutap.wallet_apple.handlers import fastapi as handlers
from edutap.wallet_apple.models.handlers import SerialNumbers
from fastapi import FastAPI

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def zipped() -> bytes:
    made, folder = BytesIO(), STAND / "card.pass"
    with ZipFile(made, "w") as file:
        for path in folder.rglob("*"):
            if path.is_file():
                file.write(path, str(path.relative_to(folder)))
    return made.getvalue()


TEMPLATE = zipped()


class Acquisition:
    async def get_pass_data(self, *, pass_type_id, serial_number, update=False):
        return BytesIO(TEMPLATE)

    async def get_push_tokens(self, device_library_id, pass_type_id, serial_number):
        raise NotImplementedError

    async def get_update_serial_numbers(self, device_library_id, pass_type_id, last_updated=None):
        return SerialNumbers(serialNumbers=[SERIAL], lastUpdated="1")

    async def check_authentication_token(self, pass_type_id, serial_number, token):
        return True


plugins.add_plugin("PassDataAcquisition", Acquisition)
app = FastAPI()
app.include_router(handlers.router_apple_wallet)
PREFIX = handlers.router_apple_wallet.prefix


@app.get("/about")
async def about() -> dict[str, str]:
    return {
        "list": f"{PREFIX}/devices/{DEVICE}/registrations/{KIND}?passesUpdatedSince=0",
        "pass": f"{PREFIX}/passes/{KIND}/{SERIAL}",
        "token": "token",
    }
