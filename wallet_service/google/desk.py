"""What Google's doors hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from wallet_service.actions.services import Services
from wallet_service.google.callback_keys import CallbackKeys
from wallet_service.google.classes import Classes
from wallet_service.google.client import GoogleClient
from wallet_service.google.lane import GuestPace
from wallet_service.google.look_shelf import LookShelf
from wallet_service.google.pace import GUESTS
from wallet_service.google.pictures_ready import PicturesReady
from wallet_service.push.other_clocks import OtherClocks
from wallet_service.settings import GoogleSettings

EXTENSION = "wallet.google"


@dataclass(frozen=True)
class GoogleDesk:
    """Safe for several threads."""

    services: Services
    settings: GoogleSettings
    client: GoogleClient
    looks: LookShelf
    classes: Classes
    pictures: PicturesReady
    keys: CallbackKeys

    @classmethod
    def open(
        cls,
        services: Services,
        settings: GoogleSettings,
        guests: float = GUESTS,
        pictures: PicturesReady | None = None,
    ) -> GoogleDesk:
        """`guests`: their calls a second."""
        heard = OtherClocks(services.settings.data_dir).heard
        pace = GuestPace(services.sessions, settings.issuer_id, guests)
        client = GoogleClient(settings, pace, heard=heard)
        looks = LookShelf.of(services)
        return cls(
            services=services,
            settings=settings,
            client=client,
            looks=looks,
            classes=Classes(services, client, looks),
            pictures=pictures or PicturesReady(),
            keys=CallbackKeys(settings.keys_url),
        )

    @property
    def issuer_id(self) -> str:
        return self.settings.issuer_id


def desk() -> GoogleDesk:
    return cast(GoogleDesk, current_app.extensions[EXTENSION])


def open_desk() -> GoogleDesk | None:
    """None where no Google account is set up."""
    return cast(GoogleDesk | None, current_app.extensions.get(EXTENSION))
