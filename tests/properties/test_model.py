"""After every press the ledger says what the model says, and in the end the nightly check finds nothing."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, note

from tests.properties.books import findings
from tests.properties.plans import Plan, plans
from tests.properties.presses import Press, Town, agree, examples, presses
from tests.shop import Shop


@examples(120, 10_000)
@given(plan=plans, pressed=presses)
def test_whatever_people_do_the_ledger_says_what_the_model_says(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan)
    try:
        town.play(pressed, after_each=agree)
        assert findings(town) == []
    finally:
        note("\n".join(town.told))
