"""What is counted for whoever watches: each figure is named here once, counted where it happens, and added
up over all processes when somebody asks. No figure names a member or a card.
"""

from __future__ import annotations

from wallet_service.metrics.kinds import Count, Level, Spread
from wallet_service.metrics.sharing import counted, share

__all__ = ["counted", "share"]

REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
TELLING = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 600, 3600, 21600)
SIGNING = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)

REQUEST_SECONDS = Spread("http_request_seconds", "How long an answer took", REQUEST, ("room", "status"))
LEDGER_OPS = Count("ledger_ops", "Ledger entries booked", ("kind",))
DUPLICATE_OPS = Count("duplicate_op", "Presses of a button that were booked before")
BREACHES = Count("invariant_breach", "Findings of the nightly check of the ledger")
DB_BUSY = Count("db_busy", "Times that the database was busy, full or away")
PUSHES = Count("push", "Marks told to a wallet, and what came of it", ("channel", "result"))
CHANGE_TO_PUSH = Spread(
    "change_to_push_seconds", "From the booking until the wallet took the news", TELLING, ("channel",)
)
LEASES_LOST = Count("lease_lost", "Marks whose lease ran out while they were told", ("channel",))
ZOMBIES = Count("zombie_resend", "Marks that go out once more because of that", ("channel",))
WAKE_UPS_LOST = Count("wake_up_lost", "Wake-ups that the queue did not take")
QUEUE_REFUSED = Count("queue_refused", "Messages in the queue that are none of ours")
APNS_CONNECTIONS = Count("apns_connections_opened", "Connections opened to APNs")
GOOGLE_CALLS = Count("google_calls", "Calls to Google, and what came of them", ("verdict",))
GOOGLE_TOKENS = Level("google_tokens_left", "Calls left in the second of the last call to Google")
SIGN_SECONDS = Spread("sign_seconds", "How long it took to make and sign a pass", SIGNING)
SIGN_CACHE_HITS = Count("sign_cache_hits", "Passes that were signed before")
