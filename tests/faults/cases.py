"""All cases: first the loads, one by one, then the faults in the order in which lanes take them."""

from __future__ import annotations

from functools import partial

from tests.faults import (
    broker,
    campaigned,
    deployed,
    drained,
    full_disk,
    killed,
    loads,
    locked,
    outside_apns,
    outside_callbacks,
    outside_clocks,
    outside_google,
    outside_papers,
    outside_phones,
    outside_rubbish,
    outside_templates,
    paused,
    released,
    restarted,
    shuffled,
    soaked,
    statements,
)
from tests.faults.count import Case, Load
from tests.faults.ground import POSTGRESQL, SQLITE

BOTH = (POSTGRESQL, SQLITE)

LOADS: tuple[Load, ...] = (
    Load("L4 earns, SQLite", loads.earns),
    *(Load(f"L6 drain, {kind}", partial(drained.measure, kind)) for kind in BOTH),
    *(Load(f"L5 campaign, {kind}", partial(campaigned.measure, kind)) for kind in reversed(BOTH)),
)
"""What leaves much behind that its server sweeps away later comes last."""

FAULTS: tuple[Case, ...] = (
    *(Case(f"F1 F2 killed, {kind}", partial(killed.run, kind)) for kind in BOTH),
    Case("F8 APNs", outside_apns.run),
    Case("L10 soak, PostgreSQL", partial(soaked.run, POSTGRESQL)),
    Case("F4 broker dead, PostgreSQL", broker.run),
    *(Case(f"F16 locked, {kind}", partial(locked.run, kind)) for kind in BOTH),
    Case("F5 database restarted, PostgreSQL", restarted.run),
    Case("F9 Google", outside_google.run),
    *(Case(f"F3 paused, {kind}", partial(paused.run, kind)) for kind in BOTH),
    *(Case(f"F15 two releases, {kind}", partial(released.run, kind)) for kind in BOTH),
    *(Case(f"F14 deployed, {kind}", partial(deployed.run, kind)) for kind in BOTH),
    Case("B3 rubbish templates", outside_templates.of_shops),
    Case("B2 rubbish from phones", outside_phones.at_apples_door),
    *(Case(f"F6 disk full, {kind}", partial(full_disk.run, kind)) for kind in BOTH),
    *(Case(f"L9 burst, {kind}", partial(loads.burst, kind)) for kind in BOTH),
    *(Case(f"F12 shuffled, {kind}", partial(shuffled.run, kind)) for kind in BOTH),
    Case("F13 certificates", outside_papers.certificates),
    Case("B5 forged callbacks", outside_callbacks.at_googles_door),
    Case("B6 rubbish from the other side", outside_rubbish.from_the_other_side),
    *(Case(f"F7 statement fails, {kind}", partial(statements.run, kind)) for kind in BOTH),
    Case("F11 clock steps", outside_clocks.run),
    Case("F10 fuse", outside_papers.fuse),
)
"""What waits more than it works comes while others have work for both cores, and the shortest last."""
