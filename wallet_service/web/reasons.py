"""Why an entry is worth what it is, in two parts: what gave something, and what did not this time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wallet_service.domain import wording
from wallet_service.domain.program import Program, Texts
from wallet_service.domain.rules import Step


@dataclass(frozen=True)
class Reasons:
    """`not_this_time` is None where there is nothing to say, or where it is all that there is to say."""

    why: Texts
    not_this_time: Texts | None = None


def reasons(program: Program, steps: Iterable[Step]) -> Reasons:
    """Without rules on trial: nobody was promised anything by them."""
    on_trial = {rule.id for rule in program.rules if rule.dry_run}
    told = [step for step in steps if dict(step.facts).get("id") not in on_trial]
    gave, others = [step for step in told if _gave(step)], [step for step in told if not _gave(step)]
    if gave and others:
        return Reasons(_texts(program, gave), _texts(program, others))
    return Reasons(_texts(program, told))


def _gave(step: Step) -> bool:
    """A rule without a use left fires, and gives nothing."""
    return step.fired and ("left", 0) not in step.facts


def _texts(program: Program, steps: Sequence[Step]) -> Texts:
    return {language: wording.explain(program, steps, language) for language in program.languages}
