"""Everything that may differ between two installations, read once from the environment."""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

SANDBOX, PRODUCTION = "sandbox", "production"
LOGS = {SANDBOX: "text", PRODUCTION: "json"}
APNS = "https://api.push.apple.com"  # N1: passes have no sandbox of Apple's
GOOGLE_API = "https://walletobjects.googleapis.com"
GOOGLE_KEYS = "https://pay.google.com/gp/m/issuer/keys"
GOOGLE_SAVE = "https://pay.google.com/gp/v/save"
SANDBOX_ISSUER = "3388000000012345678"
SHORTEST_SECRET = 32
API_RATE = 6_000
API_DROPS = 20
CAMPAIGN_RATE = 200
LEASE_SECONDS = 30
RETENTION_MONTHS = 36
QUIET_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class BadSetting(Exception):
    """A sentence that names the variable and the way out; never its value when that is secret."""


@dataclass(frozen=True)
class GoogleSettings:
    """One issuer account. The key file is Google's own JSON of a service account."""

    issuer_id: str
    service_account_file: Path
    api_url: str
    keys_url: str
    save_url: str


@dataclass(frozen=True)
class Settings:
    """Frozen after the start. `secret_keys[0]` signs, the others are still accepted (rotation).

    `api_rate`: requests a minute for each key of the machine API. `api_drops`: one answer in so many to a
    write is lost on its way, in the sandbox; 0: none. `campaign_rate`: cards a second that hear of a bulk
    change, 0: as fast as it goes; `quiet_hours` are "22:00-08:00" in each program's time zone.
    `lease_seconds`: how long a worker that died keeps its marks from the others. `backup_key`: the public
    half of an age key, to which backups are encrypted. `retention_months`: after so long without a visit a
    member is forgotten; 0: never.
    """

    mode: str
    data_dir: Path
    database_url: str
    queue_url: str
    public_url: str
    secret_keys: Sequence[str]
    apple_token_key: bytes
    certs_dir: Path
    templates_dir: Path
    key_passphrase: bytes | None
    apns_url: str
    apns_ca_file: Path | None
    google: GoogleSettings | None
    phone_url: str | None
    trusted_proxies: int
    api_rate: int
    api_drops: int
    campaign_rate: int
    quiet_hours: str | None
    lease_seconds: int
    log_format: str
    metrics_token: str | None
    alarm_email: str | None
    alarm_url: str | None
    smtp_url: str | None
    backup_dir: Path
    backup_key: str | None
    retention_months: int

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @property
    def sandbox(self) -> bool:
        return self.mode == SANDBOX

    def __repr__(self) -> str:
        return (
            f"Settings(mode={self.mode!r}, data_dir={str(self.data_dir)!r}, public_url={self.public_url!r})"
        )


def from_environment(env: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadSetting with a sentence that names the variable."""
    mode = _choice(env, "WALLET_MODE", (SANDBOX, PRODUCTION), default=SANDBOX)
    data = Path(env.get("WALLET_DATA_DIR") or "instance").absolute()
    certs = Path(env.get("WALLET_CERTS_DIR") or _default_certs(mode, data)).absolute()
    return Settings(
        mode=mode,
        data_dir=data,
        database_url=_database_url(env, data),
        queue_url=_queue_url(env, data, mode),
        public_url=_public_url(env, mode),
        secret_keys=_secret_keys(env, mode, data),
        apple_token_key=_secret(env, "WALLET_APPLE_TOKEN_KEY", mode, data).encode(),
        certs_dir=certs,
        templates_dir=Path(env.get("WALLET_TEMPLATES_DIR") or _project() / "pass_templates").absolute(),
        key_passphrase=_optional_secret(env, "WALLET_KEY_PASSPHRASE"),
        apns_url=(env.get("WALLET_APNS_URL") or APNS).rstrip("/"),
        apns_ca_file=_optional_file(env, "WALLET_APNS_CA_FILE"),
        google=_google(env, sandbox_account(certs) if mode == SANDBOX else None),
        phone_url=(env.get("WALLET_PHONE_URL") or "").rstrip("/") or None,
        trusted_proxies=_number(env, "WALLET_TRUSTED_PROXIES", default=0),
        api_rate=_number(env, "WALLET_API_RATE", default=API_RATE),
        api_drops=_api_drops(env, mode),
        campaign_rate=_number(env, "WALLET_CAMPAIGN_RATE", default=CAMPAIGN_RATE),
        quiet_hours=_quiet_hours(env),
        lease_seconds=_number(env, "WALLET_LEASE_SECONDS", default=LEASE_SECONDS, least=1),
        log_format=_choice(env, "WALLET_LOG_FORMAT", ("text", "json"), default=LOGS[mode]),
        metrics_token=_optional_word(env, "WALLET_METRICS_TOKEN"),
        alarm_email=env.get("WALLET_ALARM_EMAIL") or None,
        alarm_url=_optional_word(env, "WALLET_ALARM_URL"),
        smtp_url=_optional_word(env, "WALLET_SMTP_URL"),
        backup_dir=Path(env.get("WALLET_BACKUP_DIR") or data / "backup").absolute(),
        backup_key=env.get("WALLET_BACKUP_KEY") or None,
        retention_months=_number(env, "WALLET_RETENTION_MONTHS", default=RETENTION_MONTHS),
    )


def _quiet_hours(env: Mapping[str, str]) -> str | None:
    value = env.get("WALLET_QUIET_HOURS") or None
    if value is not None and not are_hours(value):
        raise BadSetting(f"WALLET_QUIET_HOURS is {value!r}. Give two times of day such as 22:00-08:00.")
    return value


def are_hours(text: str) -> bool:
    """From one time of day to another: the same one twice could mean all day or never."""
    begin, _, end = text.partition("-")
    return QUIET_HOURS.fullmatch(text) is not None and begin != end


def _api_drops(env: Mapping[str, str], mode: str) -> int:
    """Real shops are spared what the sandbox does to their integration."""
    drops = _number(env, "WALLET_API_DROPS", default=API_DROPS if mode == SANDBOX else 0)
    if drops and mode == PRODUCTION:
        raise BadSetting("WALLET_API_DROPS loses answers and is for the sandbox. Leave it out in production.")
    return drops


def sandbox_account(certs_dir: Path) -> Path:
    """The key file for the simulated Google, where `make run` puts it."""
    return certs_dir / "google" / "sandbox-service-account.json"


def _google(env: Mapping[str, str], sandbox: Path | None) -> GoogleSettings | None:
    """Both the issuer and its key file, or neither: then a sandbox may have its own account, and otherwise
    the service runs without Google Wallet.
    """
    issuer = env.get("WALLET_GOOGLE_ISSUER_ID") or None
    key_file = _optional_file(env, "WALLET_GOOGLE_SERVICE_ACCOUNT_FILE")
    if issuer is None and key_file is None:
        return _simulated_google(env, sandbox) if sandbox is not None and sandbox.is_file() else None
    if not issuer or not (issuer.isascii() and issuer.isdecimal()):
        raise BadSetting("WALLET_GOOGLE_ISSUER_ID is the number of your issuer account, digits only.")
    if key_file is None:
        raise BadSetting("WALLET_GOOGLE_SERVICE_ACCOUNT_FILE is missing: it names the service account's key.")
    return _google_at(env, issuer, key_file, api=GOOGLE_API, keys=GOOGLE_KEYS, save=GOOGLE_SAVE)


def _simulated_google(env: Mapping[str, str], key_file: Path) -> GoogleSettings:
    """Everything stands beside the address where the account buys its tokens."""
    try:
        base = str(json.loads(key_file.read_text("utf-8"))["token_uri"]).removesuffix("/token")
    except (OSError, ValueError, KeyError, TypeError):
        raise BadSetting(f"{key_file} cannot be read. Delete it; `make run` makes a new one.") from None
    keys, save = f"{base}/callback-keys", f"{base}/gp/v/save"
    return _google_at(env, SANDBOX_ISSUER, key_file, api=base, keys=keys, save=save)


def _google_at(
    env: Mapping[str, str], issuer: str, key_file: Path, *, api: str, keys: str, save: str
) -> GoogleSettings:
    if key_file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):  # S2
        raise BadSetting(
            f"WALLET_GOOGLE_SERVICE_ACCOUNT_FILE can be read by others. Run: chmod 600 {key_file}"
        )
    return GoogleSettings(
        issuer_id=issuer,
        service_account_file=key_file,
        api_url=(env.get("WALLET_GOOGLE_API_URL") or api).rstrip("/"),
        keys_url=env.get("WALLET_GOOGLE_KEYS_URL") or keys,
        save_url=(env.get("WALLET_GOOGLE_SAVE_URL") or save).rstrip("/"),
    )


def _project() -> Path:
    return Path(__file__).resolve().parent.parent


def _default_certs(mode: str, data: Path) -> Path:
    return data / "certs" if mode == SANDBOX else _project() / "certs"


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...], *, default: str) -> str:
    value = env.get(name) or default
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}. Set it to {' or '.join(allowed)}.")
    return value


def _number(env: Mapping[str, str], name: str, *, default: int, least: int = 0) -> int:
    value = env.get(name) or str(default)
    if not value.isdecimal() or int(value) < least:
        raise BadSetting(f"{name} is {value!r}. Set it to a whole number{f' from {least} on' * bool(least)}.")
    return int(value)


def _database_url(env: Mapping[str, str], data: Path) -> str:
    url = env.get("WALLET_DATABASE_URL") or f"sqlite:///{data / 'wallet.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting(
            "WALLET_DATABASE_URL has an unknown form. Use sqlite:///path or postgresql+psycopg://host/name."
        )
    return url


def _queue_url(env: Mapping[str, str], data: Path, mode: str) -> str:
    url = (
        env.get("WALLET_QUEUE_URL") or _from_file(env, "WALLET_QUEUE_URL") or f"sqlite:///{data / 'queue.db'}"
    )
    if not url.startswith(("sqlite:///", "redis://", "rediss://", "unix://")):
        raise BadSetting(
            "WALLET_QUEUE_URL has an unknown form. Use sqlite:///path or redis://host:port/number."
        )
    if mode == PRODUCTION and not _closed_to_strangers(url):
        raise BadSetting(
            "WALLET_QUEUE_URL names a broker on the network without TLS and a password. "
            "Use rediss://:password@host:port/number, or unix:///path/redis.sock on one machine."
        )
    return url


def _closed_to_strangers(url: str) -> bool:
    """S26: on this machine, or encrypted and with a password."""
    parts = urlsplit(url)
    if parts.scheme in ("sqlite", "unix") or _is_loopback(parts.hostname or "localhost"):
        return True
    return parts.scheme == "rediss" and bool(parts.password)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _public_url(env: Mapping[str, str], mode: str) -> str:
    """P5, S14: the one base of every address that we hand out."""
    url = (env.get("WALLET_PUBLIC_URL") or "http://localhost:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BadSetting(f"WALLET_PUBLIC_URL is {url!r}. Give an address such as https://cards.example.com.")
    if url.endswith("/v1"):
        raise BadSetting("WALLET_PUBLIC_URL ends in /v1, which phones add by themselves. Leave it off.")
    if mode == PRODUCTION and parts.scheme != "https":
        raise BadSetting("WALLET_PUBLIC_URL must begin with https:// in production: phones refuse the rest.")
    return url


def _secret_keys(env: Mapping[str, str], mode: str, data: Path) -> tuple[str, ...]:
    return tuple(_secret(env, "WALLET_SECRET_KEY", mode, data).split(","))


def _secret(env: Mapping[str, str], name: str, mode: str, data: Path) -> str:
    """From NAME, NAME_FILE or, in sandbox mode, a file of its own that the first start makes."""
    value = env.get(name) or _from_file(env, name)
    if value is None and mode == SANDBOX:
        value = _sandbox_secret(data / f"{name.removeprefix('WALLET_').lower()}.secret")
    if value is None:
        raise BadSetting(f"{name} is missing. Make one with `openssl rand -hex 32` and set {name}_FILE.")
    if any(len(part) < SHORTEST_SECRET for part in value.split(",")):
        raise BadSetting(f"{name} is too short. Make one with `openssl rand -hex 32`.")
    return value


def _optional_word(env: Mapping[str, str], name: str) -> str | None:
    return env.get(name) or _from_file(env, name) or None


def _optional_secret(env: Mapping[str, str], name: str) -> bytes | None:
    value = env.get(name) or _from_file(env, name)
    return value.encode() if value else None


def _from_file(env: Mapping[str, str], name: str) -> str | None:
    path = _optional_file(env, f"{name}_FILE")
    if path is None:
        return None
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        raise BadSetting(f"{name}_FILE can be read by others. Run: chmod 600 {path}")
    return path.read_text().strip()


def _optional_file(env: Mapping[str, str], name: str) -> Path | None:
    if not env.get(name):
        return None
    path = Path(env[name]).absolute()
    if not path.is_file():
        raise BadSetting(f"{name} names {path}, which is no file.")
    return path


def _sandbox_secret(path: Path) -> str:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as refused:
        raise BadSetting(f"WALLET_DATA_DIR {path.parent} cannot be written: {refused.strerror}.") from refused
    return path.read_text()
