"""What Apple's doors hold, and who may pass them."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

from flask import current_app

from wallet_service.actions.services import Services
from wallet_service.apple.service.finished_passes import FinishedPasses
from wallet_service.apple.service.guard import Guard
from wallet_service.apple.service.sightings import Sightings
from wallet_service.apple.service.template_shelf import TemplateShelf
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.push.counts import Counts

EXTENSION = "wallet.apple"
SCHEME = "applepass"
KEPT_BYTES = 32_000_000


@dataclass(frozen=True)
class AppleDesk:
    """`wrong` counts tokens that open nothing, `strangers` devices that we never met, `logs` complaints."""

    services: Services
    signing: SigningDesk
    templates: TemplateShelf
    finished: FinishedPasses
    wrong: Guard
    strangers: Guard
    logs: Guard
    sightings: Sightings
    troubles: dict[str, str | None] = field(default_factory=dict)  # per pass type: why it cannot be signed

    @classmethod
    def open(cls, services: Services, signing: SigningDesk) -> AppleDesk:
        counts = Counts(services.settings.queue_url)
        return cls(
            services=services,
            signing=signing,
            templates=TemplateShelf(services.settings.templates_dir, services.clock),
            finished=FinishedPasses(KEPT_BYTES),
            wrong=Guard("wrong", counts, most_a_minute=60),
            strangers=Guard("strangers", counts, most_a_minute=300),
            logs=Guard("logs", counts, most_a_minute=60),
            sightings=Sightings(services.sessions, services.clock),
        )

    def authentication_token(self, serial: str) -> str:
        """P4: 256 bits that nobody stores, the same for the life of the card."""
        key = self.services.settings.apple_token_key
        return urlsafe_b64encode(hmac.digest(key, serial.encode(), sha256)).rstrip(b"=").decode()

    def opens(self, serial: str, authorization: str) -> bool:
        """W28. A wrong token is known without a look at the database: there is nothing to learn from the
        time that it takes (S4), and nothing to wear down.
        """
        scheme, _, given = authorization.partition(" ")
        expected = self.authentication_token(serial.encode(errors="replace").decode())
        right = hmac.compare_digest(given.encode(errors="replace"), expected.encode())
        return right and scheme.lower() == SCHEME

    def pass_type_for(self, template: str) -> str:
        """What the template wishes, if we can sign it; else the first that we can."""
        known = self.signing.pass_types()
        wish = self.templates.look(template).wish
        return wish if wish in known else known[0]


def desk() -> AppleDesk:
    return cast(AppleDesk, current_app.extensions[EXTENSION])
