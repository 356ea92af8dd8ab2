"""Asks the APNs simulator to report accepted pushes, again and again, for it may start later or anew."""

import requests

from simulators.iphone.agenda import Agenda

SOON = 0.5
EVERY = 10.0


def listen(agenda: Agenda, apns_control: str, own_url: str) -> None:
    """Subscribe now and every few seconds; a push that arrives twice has one id and counts once."""
    session = requests.Session()
    session.trust_env = False

    def subscribe() -> None:
        agenda.later(EVERY if _subscribed(session, apns_control, own_url) else SOON, subscribe)

    agenda.later(0, subscribe)


def _subscribed(session: requests.Session, apns_control: str, own_url: str) -> bool:
    url = f"{apns_control.rstrip('/')}/subscribers"
    try:
        return session.post(url, json={"url": f"{own_url}/push"}, timeout=5).ok
    except requests.RequestException:
        return False
