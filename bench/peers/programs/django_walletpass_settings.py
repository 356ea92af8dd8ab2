"""Django as django-walletpass wants it, on SQLite in the folder of the stand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings


def set_up(stand: Path, **walletpass: Any) -> dict[str, Any]:
    """Answers the card's pass.json."""
    body: dict[str, Any] = json.loads((stand / "card.pass" / "pass.json").read_text())
    settings.configure(
        SECRET_KEY="x" * 50,
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        ROOT_URLCONF="django_walletpass.urls",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_walletpass"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(stand / "django.db"),
                "CONN_MAX_AGE": None,
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL"},
            }
        },
        STORAGES={"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}},
        REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
        WALLETPASS={
            "CERT_PATH": str(stand / "leaf.pem"),
            "KEY_PATH": str(stand / "leaf.key"),
            "APPLE_WWDRCA_PEM_PATH": str(stand / "wwdr.pem"),
            "PASS_TYPE_ID": body["passTypeIdentifier"],
            "TEAM_ID": body["teamIdentifier"],
            "SERVICE_URL": body["webServiceURL"],
            "TOKEN_AUTH_KEY_ID": "ABCDE12345",
            **walletpass,
        },
    )
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    django.setup()
    return body


STAND = Path(os.environ.get("PEER_STAND") or (sys.argv[2] if len(sys.argv) > 2 else "."))
