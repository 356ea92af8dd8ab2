"""The error catalogue: each refusal in Google's own form and, where it is known, in Google's own words."""

from __future__ import annotations

import json

WALLET, GLOBAL = "walletobjects", "global"


class GoogleError(Exception):
    """`reason` is what a client must look at: a spent quota is a 403, just like a missing permission."""

    def __init__(self, status: int, reason: str, message: str, domain: str = WALLET) -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.domain = status, reason, message, domain

    def body(self) -> bytes:
        one = {"message": self.message, "domain": self.domain, "reason": self.reason}
        return json.dumps({"error": {"code": self.status, "message": self.message, "errors": [one]}}).encode()


def invalid(message: str) -> GoogleError:
    return GoogleError(400, "invalidResource", message)


def parse_error(message: str) -> GoogleError:
    return GoogleError(400, "parseError", message, GLOBAL)


def image_not_loaded(url: str, why: str) -> GoogleError:
    return invalid(f"Image cannot be loaded. {url}: {why}")


def unauthenticated() -> GoogleError:
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    return GoogleError(401, "authError", message, GLOBAL)


def permission_denied() -> GoogleError:
    return GoogleError(403, "permissionDenied", "Permission denied.")


def notification_quota(issuer: str, what: str) -> GoogleError:
    message = f"Quota exceeded for issuer {issuer} when adding TEXT_AND_NOTIFY message to {what}."
    return GoogleError(403, "quotaExceeded", message)


def rate_limit(status: int) -> GoogleError:
    return GoogleError(status, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")


def object_not_found(name: str) -> GoogleError:
    return GoogleError(404, "resourceNotFound", f"Wallet Object {name} not found.")


def class_not_found(name: str) -> GoogleError:
    return GoogleError(404, "classNotFound", f"Wallet Object Class {name} not found.")


def no_such_address(verb: str, path: str) -> GoogleError:
    return GoogleError(404, "notFound", f"There is no {verb} {path}.", GLOBAL)


def already_exists(what: str, name: str) -> GoogleError:
    return GoogleError(409, "existingResource", f"{what} {name} already exists.")
