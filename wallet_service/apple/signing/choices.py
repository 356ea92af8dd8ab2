"""What the operator chose for a pass type: how it pushes, which certificate signs, who tries the next one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from wallet_service.apple.signing import certificate_files as files
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured

NAME = "choices.json"


@dataclass(frozen=True)
class Choices:
    """Empty where nothing was chosen. `push_key` names a key for tokens (N6). `in_use`, `before` and
    `canary` name certificates without their ending (N17); `canary_card` is the card that is signed with the
    canary already, `proven_at` when it was signed, verified and pushed.
    """

    push_key: str = ""
    in_use: str = ""
    before: str = ""
    canary: str = ""
    canary_card: str = ""
    proven_at: str = ""

    @property
    def proven(self) -> datetime | None:
        return datetime.fromisoformat(self.proven_at) if self.proven_at else None


def read(certs_dir: Path, pass_type: str) -> Choices:
    path = certs_dir / pass_type / NAME
    try:
        said = json.loads(path.read_text("utf-8"))
        known = {field.name for field in fields(Choices)}
        return Choices(**{name: str(value) for name, value in said.items() if name in known})
    except FileNotFoundError:
        return Choices()
    except (OSError, ValueError, AttributeError) as fault:
        said = f"{path} cannot be read: remove it and choose again."
        raise Misconfigured(Detail(said, "papers/choice", path=str(path))) from fault


def change(certs_dir: Path, pass_type: str, **changes: str) -> Choices:
    chosen = replace(read(certs_dir, pass_type), **changes)
    files.write_private(certs_dir / pass_type / NAME, json.dumps(asdict(chosen), indent=1).encode())
    return chosen
