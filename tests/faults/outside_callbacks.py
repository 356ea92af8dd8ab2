"""B5: letters to the door that Google comes in at, which somebody else wrote or changed."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from simulators.google_wallet.forger import Event, Forger
from simulators.google_wallet.process import Simulator
from tests.faults.count import Count
from tests.faults.house import wait_for
from tests.google.google_shop import GoogleShop, open_google_shop
from tests.services.memory import in_memory
from wallet_service.db.tables import GoogleCallback, GoogleCard

LETTERS = 5_000


def at_googles_door(scale: float, seed: int) -> Count:
    """B5: genuine letters with something else in them; not one is believed."""
    dice, letters = random.Random(seed), max(int(LETTERS * scale), 100)
    statuses: Counter[int] = Counter()
    with (
        tempfile.TemporaryDirectory(dir=in_memory()) as folder,
        Simulator(Path(folder) / "google") as google,
        open_google_shop(Path(folder) / "shop", google) as shop,
    ):
        google.turn(callbacks=False)
        card, forger = shop.saved_card(), _forger(google, shop)
        object_id, class_id = shop.object_id(card), f"{shop.settings.issuer_id}.coffee"
        assert _answer(shop, forger.genuine(Event("save", class_id, object_id))) == 200
        for _ in range(letters):
            event = Event(dice.choice(("save", "del")), class_id, object_id)
            statuses[_answer(shop, _tampered(forger.genuine(event), dice))] += 1
        with shop.services.sessions.read() as session:
            believed = (session.scalar(select(func.count()).select_from(GoogleCallback)) or 0) - 1
            known = session.scalars(select(GoogleCard)).one()
    amiss = [f"{many} answers {status}" for status, many in statuses.items() if status not in {400, 401, 413}]
    amiss += [f"{believed} were believed"] if believed else []
    amiss += ["the card is gone"] if known.inserted_at is None else []
    return Count("B5 forged callbacks", f"{letters} letters", letters, amiss=tuple(amiss))


def _forger(google: Simulator, shop: GoogleShop) -> Forger:
    kept = google.key_file.parent / "wallet.json"
    wait_for(kept.exists, 10, "the record of the simulated Google")
    return Forger(shop.clock, json.loads(kept.read_text())["root"])


def _answer(shop: GoogleShop, letter: bytes) -> int:
    assert shop.browser is not None
    return shop.browser.post("/google/callback", data=letter, content_type="application/json").status_code


def _tampered(body: bytes, dice: random.Random) -> bytes:
    """Something that counts is other than it was signed; the shape often stays."""
    letter = json.loads(body)
    key = letter["intermediateSigningKey"]
    way = dice.randrange(8)
    if way == 0:
        letter["signedMessage"] = _other(letter["signedMessage"], dice)
    elif way == 1:
        key["signedKey"] = _other(key["signedKey"], dice)
    elif way == 2:
        letter["signature"] = _other(letter["signature"][:-4], dice)
    elif way == 3:
        key["signatures"] = [_other(key["signatures"][0][:-4], dice), *dice.choice(([], [""], ["!"]))]
    elif way == 4:
        letter["protocolVersion"] = dice.choice(("ECv2", "ECv1", "", "ECv2SigningOnly ", "ecv2signingonly"))
    elif way == 5:
        name = dice.choice(sorted(letter))
        letter[name] = dice.choice((None, 5, [], {}, "", "\ud800", True, [letter[name]]))
    elif way == 6:
        del letter[dice.choice(sorted(letter))]
    else:
        return body[: dice.randrange(len(body) - 1)] + dice.choice((b"", b"\xff", b"}", b"\x00" * 9))
    return json.dumps(letter).encode()


def _other(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    other = dice.choice([mark for mark in 'Aa0+/="ё\x00' if mark != text[at]])
    return dice.choice(
        (text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + other + text[at:])
    )
