"""django-walletpass's web service with one registered card, and /about, which says what may be asked."""

from __future__ import annotations

import json
from urllib.parse import quote

from django_walletpass_settings import STAND, set_up

BODY = set_up(STAND)

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django_walletpass.models import Registration
from django_walletpass.services import PassBuilder

DEVICE = "0" * 32
call_command("migrate", verbosity=0)
builder = PassBuilder(str(STAND / "card.pass"))
builder.build()
card = builder.write_to_model()
card.save()
Registration.objects.create(device_library_identifier=DEVICE, push_token="0" * 64, pazz=card)
serve = get_wsgi_application()
KIND, SINCE = card.pass_type_identifier, quote("2026-01-01T00:00:00+00:00")
ABOUT = json.dumps(
    {
        "list": f"/v1/devices/{DEVICE}/registrations/{KIND}?passesUpdatedSince={SINCE}",
        "pass": f"/v1/passes/{KIND}/{card.serial_number}",
        "token": card.authentication_token,
    }
).encode()


def app(environ, start):
    if environ["PATH_INFO"] != "/about":
        return serve(environ, start)
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ABOUT)))])
    return [ABOUT]
