"""The loop in the worker that carries campaigns out, beside those that tell the wallets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from wallet_service.actions import campaign_round
from wallet_service.actions.campaign_round import Round
from wallet_service.actions.services import Services
from wallet_service.push.resident import BREATH, Resident

FIRST, LEAST, MOST = 200, 100, 1_000  # cards of a slice
LOCK = 0.04  # seconds that a till may wait for a slice; on a machine that is busy, several times that
JUDGE_EVERY = 5.0


class CampaignLoop(Resident):
    """A slice grows or shrinks with the time that the last one took."""

    name = "campaigns"

    def __init__(self, services: Services, timer: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._services, self._timer = services, timer
        self._size, self._turn = FIRST, 0
        self._judged_at = -JUDGE_EVERY

    def step(self) -> bool:
        """One slice of each campaign that runs; each in its turn is the first, because the first may take all
        the room that the wallets leave.
        """
        with self._services.sessions.read() as session:
            campaigns = campaign_round.running(session)
        if not campaigns:
            return False
        self._judge(campaigns)
        self._turn += 1
        first = self._turn % len(campaigns)
        in_turn = [*campaigns[first:], *campaigns[:first]]
        return any(round_.more for round_ in [self._advance(campaign) for campaign in in_turn])

    def _judge(self, campaigns: Sequence[int]) -> None:
        if self._timer() - self._judged_at < JUDGE_EVERY:
            return
        self._judged_at = self._timer()
        for campaign in campaigns:
            with self._services.sessions.read() as session:
                heard = campaign_round.complaints(session, campaign)
            if heard:
                with self._services.sessions.begin() as session:
                    campaign_round.judge(session, campaign, heard, self._services.clock())

    def _advance(self, campaign: int) -> Round:
        began, services = self._timer(), self._services
        with services.sessions.begin() as session:
            done = campaign_round.advance(
                session, campaign, wallets=services.wallets, now=services.clock(), most=self._size
            )
        if done.marked:
            took = self._timer() - began
            self._fit(took, done.marked)
            self._breathe(took)
        return done

    def _fit(self, took: float, marked: int) -> None:
        """Small slices of a slow rate say nothing of large ones."""
        if marked == self._size or took > LOCK:
            factor = min(max(LOCK / max(took, 0.001), 0.5), 1.5)
            self._size = min(max(int(self._size * factor), LEAST), MOST)

    def _breathe(self, took: float) -> None:
        """Tills that wait on SQLite look again and get in, and so do those who tell."""
        if self._services.sessions.sqlite:
            self._stopping.wait(max(BREATH, 3 * took))
