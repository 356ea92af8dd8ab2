"""A .pkpass as the phone sees it: checked from the zip to the last field, or refused."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulators.iphone.archive import check_manifest, open_archive
from simulators.iphone.pass_rules import check_pass
from simulators.iphone.pictures import check_pictures
from simulators.iphone.refusal import Refused
from simulators.iphone.signature import Signer, check_signature
from simulators.iphone.strings import BadStrings, parse_strings


@dataclass(frozen=True)
class Trust:
    """Whom the phone believes, and whether it is lenient about https."""

    root_ca: Path
    allow_http: bool = False


@dataclass(frozen=True)
class Bundle:
    """One verified pass; `languages` holds the readable pass.strings, `lost` why the others vanished."""

    raw: bytes
    files: Mapping[str, bytes]
    content: Mapping[str, Any]
    style: str
    signed_by: str
    languages: Mapping[str, Mapping[str, str]]
    lost: Mapping[str, str]

    @property
    def pass_type(self) -> str:
        return str(self.content["passTypeIdentifier"])

    @property
    def serial(self) -> str:
        return str(self.content["serialNumber"])

    @property
    def service(self) -> str | None:
        return self.content.get("webServiceURL")

    @property
    def token(self) -> str:
        return str(self.content.get("authenticationToken", ""))

    @property
    def version(self) -> str:
        """Two bundles with one manifest are the same pass (B15)."""
        return hashlib.sha256(self.files["manifest.json"]).hexdigest()[:16]


def open_bundle(data: bytes, trust: Trust, now: datetime) -> Bundle:
    """The checked bundle; raises Refused."""
    files = open_archive(data)
    check_manifest(files)
    signer = check_signature(files["signature"], files["manifest.json"], trust.root_ca, now)
    content = _read_pass(files["pass.json"])
    style = check_pass(content, allow_http=trust.allow_http)
    _check_signer(content, signer)
    check_pictures(files, style)
    languages, lost = _read_languages(files)
    return Bundle(data, files, content, style, signer.organization, languages, lost)


def _read_pass(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8"))
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Refused("P1", "pass.json is not JSON in UTF-8.") from error
    if not isinstance(content, dict):
        raise Refused("P1", "pass.json is not an object.")
    return content


def _check_signer(content: Mapping[str, Any], signer: Signer) -> None:
    said = (("passTypeIdentifier", "UID", signer.pass_type), ("teamIdentifier", "OU", signer.team))
    for name, attribute, value in said:
        if content[name] != value:
            raise Refused(
                "B9", f"{name} is {content[name]!r}, but the certificate's {attribute} is {value!r}."
            )


def _read_languages(files: Mapping[str, bytes]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    languages: dict[str, dict[str, str]] = {}
    lost: dict[str, str] = {}
    for folder in sorted({name.split("/")[0] for name in files if "/" in name}):
        language = folder.removesuffix(".lproj")
        try:
            languages[language] = parse_strings(files.get(f"{folder}/pass.strings", b""))
        except BadStrings as error:
            lost[language] = f"{folder}/pass.strings: {error}"
    return languages, lost
