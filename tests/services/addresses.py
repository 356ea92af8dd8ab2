"""Where a shop in its own processes is found: its web service, and the simulators beside it."""

from __future__ import annotations

from typing import Any

import requests

from tests.services.ports import LOOPBACK


class Addresses:
    """One number decides all, as for `make run`."""

    port: int

    @property
    def web(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def phone_page(self) -> str:
        return f"http://localhost:{self.port + 2}"

    @property
    def google(self) -> str:
        return f"http://localhost:{self.port + 3}"

    @property
    def apns_control(self) -> str:
        return f"http://{LOOPBACK}:{self.port + 4}"

    def pushes(self) -> list[dict[str, Any]]:
        """What APNs was asked, the oldest first."""
        found: list[dict[str, Any]] = requests.get(f"{self.apns_control}/history", timeout=20).json()
        return found
