"""A program becomes Google's class: what all its cards have in common."""

from __future__ import annotations

from typing import Any

from babel.core import get_global

from wallet_service.actions.links import Links
from wallet_service.domain.program import Program
from wallet_service.google import texts
from wallet_service.google.addresses import public
from wallet_service.google.identifiers import class_id
from wallet_service.google.look import GoogleLook
from wallet_service.google.texts import localized, the_same, twins

Body = dict[str, Any]

NOWHERE = "ZZ"  # CLDR's territory of a clock such as Etc/GMT, as "001" is of UTC


def loyalty_class(program: Program, look: GoogleLook, issuer_id: str, links: Links) -> Body:
    """For the insert and, as it is, for a PATCH (G10, G11). Nothing in it was ever read from Google:
    what Google answers says APPROVED, which nobody may send.
    """
    return {
        "id": class_id(issuer_id, program.slug),
        "reviewStatus": "UNDER_REVIEW",
        **_names(program),
        "programLogo": _logo(program, look),
        "hexBackgroundColor": look.background,
        "countryCode": look.country or country_of(program),
        "callbackOptions": {"url": public(f"{links.public_url}/google/callback", plain_http=look.plain_http)},
        "multipleDevicesAndHoldersAllowedStatus": _holders(look),
        "homepageUri": _homepage(program, look, links),
        "classTemplateInfo": {"cardTemplateOverride": {"cardRowTemplateInfos": ROWS}},
        **_smart_tap(look),
        **_locations(look),
    }


def country_of(program: Program) -> str:
    """Where the program's clock stands, else where its language is at home."""
    territory = str(get_global("zone_territories").get(program.time_zone, NOWHERE))
    if territory in ("001", NOWHERE):
        territory = get_global("likely_subtags")[program.languages[0]].split("_")[-1]
    return territory


def _names(program: Program) -> Body:
    """G10: each as a plain text and as its localised twin."""
    languages = program.languages
    return {
        **twins("issuerName", the_same(program.organization, languages), languages),
        **twins("programName", program.name, languages),
        **twins("accountIdLabel", texts.NUMBER, languages),
    }


def _logo(program: Program, look: GoogleLook) -> Body:
    return {
        "sourceUri": {"uri": public(look.logo, plain_http=look.plain_http)},
        "contentDescription": localized(program.name, program.languages),
    }


def _holders(look: GoogleLook) -> str:
    """Whoever has a save link can save the card, so one person is the default; families ask for more."""
    return "MULTIPLE_HOLDERS" if look.many_holders else "ONE_USER_ALL_DEVICES"


def _homepage(program: Program, look: GoogleLook, links: Links) -> Body:
    """The public page with the rules, shown among the links of every card."""
    return {
        "id": "rules",
        "uri": public(links.join(program.slug), plain_http=look.plain_http),
        **twins("description", texts.RULES, program.languages),
    }


def _row_item(path: str) -> Body:
    return {"firstValue": {"fields": [{"fieldPath": path}]}}


# G22: at most three rows, two are recommended. Google shows each value with its label.
ROWS = [
    {
        "twoItems": {
            "startItem": _row_item("object.loyaltyPoints.balance"),
            "endItem": _row_item("object.secondaryLoyaltyPoints.balance"),
        }
    },
    {"oneItem": {"item": _row_item("object.textModulesData['progress']")}},
]


def _smart_tap(look: GoogleLook) -> Body:
    """Open to some issuers only, as locations are; the others are refused with 400."""
    if not look.redemption_issuers:
        return {}
    return {"enableSmartTap": True, "redemptionIssuers": list(look.redemption_issuers)}


def _locations(look: GoogleLook) -> Body:
    if not look.locations:
        return {}
    places = [{"latitude": latitude, "longitude": longitude} for latitude, longitude in look.locations]
    return {"merchantLocations": places}
