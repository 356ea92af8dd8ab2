"""What a certificate is called in the office."""

from __future__ import annotations

from flask_babel import gettext as _

from wallet_service.apple.signing.certificate_status import LEAF, WAITS


def called(certificate: str) -> str:
    """Those of Apple go by the names that Apple gave them."""
    ours = {LEAF: _("certificate"), WAITS: _("certificate that waits")}
    return str(ours.get(certificate, certificate))
