"""A card's face becomes `pass.json` and the strings of every language; nothing else is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wallet_service.apple.bundle.pass_plan import plan
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.face import CardFace

SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Identity:
    """Whose pass it is and where it asks for news. `pass_type` and `team` come from the certificate (B9),
    `web_service_url` is `<public url>/apple`, the token is the card's for life (P4).
    """

    pass_type: str
    team: str
    web_service_url: str
    authentication_token: str

    def __post_init__(self) -> None:
        if self.web_service_url.endswith(("/", "/v1")):
            raise Misconfigured(
                f"The web service address {self.web_service_url} ends in / or /v1; "
                "phones add /v1 by themselves (P5)."
            )
        token = self.authentication_token
        if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
            raise Misconfigured(
                "An authentication token has 16 or more ASCII characters without spaces (P4)."
            )

    def __repr__(self) -> str:
        return f"Identity(pass_type={self.pass_type!r}, web_service_url={self.web_service_url!r})"


@dataclass(frozen=True)
class BuiltPass:
    """`strings` by file name, such as `ru.lproj/pass.strings`."""

    pass_json: bytes
    strings: Mapping[str, bytes]

    @property
    def files(self) -> dict[str, bytes]:
        return {"pass.json": self.pass_json, **self.strings}


def build(face: CardFace, template: PassTemplate, identity: Identity) -> BuiltPass:
    """B15: the same face gives the same bytes."""
    pass_json, strings = plan(template, face.languages).filled(face, identity)
    return BuiltPass(pass_json, strings)
