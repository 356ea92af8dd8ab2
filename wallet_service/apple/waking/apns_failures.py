"""Why no answer came from APNs, read from libcurl's codes, and whether the connection is to blame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import pycurl

from wallet_service.apple.waking.apns_answers import Verdict


class Kind(Enum):
    UNREACHABLE = auto()  # no connection to be had: the next push would only knock again (N14)
    BROKEN = auto()  # the connection broke under way; pushes are idempotent, so once more (N10, N16)
    RESET = auto()  # so did this one stream, on a connection that lives
    SILENT = auto()  # the deadline passed
    ODD = auto()  # an answer that is none


@dataclass(frozen=True, slots=True)
class Failure:
    kind: Kind
    why: str
    verdict: Verdict = Verdict.LATER


_UNREACHABLE = {
    pycurl.E_COULDNT_CONNECT,
    pycurl.E_COULDNT_RESOLVE_HOST,
    pycurl.E_COULDNT_RESOLVE_PROXY,
    pycurl.E_SSL_CONNECT_ERROR,
    pycurl.E_SSL_CACERT,
    pycurl.E_SSL_CACERT_BADFILE,
    pycurl.E_SSL_ISSUER_ERROR,
    pycurl.E_SSL_CIPHER,
    pycurl.E_UNSUPPORTED_PROTOCOL,
}
_HTTP2_STREAM = 92  # CURLE_HTTP2_STREAM, for which pycurl has no name
_OUR_FILES = {
    pycurl.E_SSL_CERTPROBLEM,
    pycurl.E_BAD_FUNCTION_ARGUMENT,
}  # the latter: key and certificate differ


def read(code: int, message: str) -> Failure:
    """libcurl's own words follow our sentence; they name hosts and files, never their contents."""
    if code in _OUR_FILES or _certificate_alert(message):
        why = f"The TLS handshake with APNs failed over our certificate: {message}"
        return Failure(Kind.UNREACHABLE, why, Verdict.CREDENTIAL)
    if code in _UNREACHABLE:
        return Failure(Kind.UNREACHABLE, f"APNs cannot be reached: {message}")
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return Failure(Kind.SILENT, "APNs did not answer in time.")
    if code == _HTTP2_STREAM:
        return Failure(Kind.RESET, f"APNs reset the stream: {message}")
    if code == pycurl.E_WRITE_ERROR:
        return Failure(Kind.ODD, "APNs answered with far more than an answer.")
    return Failure(Kind.BROKEN, f"The connection to APNs broke: {message}")


def _certificate_alert(message: str) -> bool:
    """With TLS 1.3 the refusal of a client certificate arrives as an alert after the handshake."""
    return "alert" in message and ("certificate" in message or "unknown ca" in message)
