"""Who sits at the terminal, as the audit names them."""

from __future__ import annotations

import os
import pwd

from wallet_service.actions.audit import COMMAND


def who() -> str:
    """Such as "command:olga", by the login, also of whoever became somebody else with `sudo` or `doas`."""
    name = os.environ.get("SUDO_USER") or os.environ.get("DOAS_USER") or _login()
    return f"{COMMAND}:{name}" if name else COMMAND


def _login() -> str:
    """A container may know none for its number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
