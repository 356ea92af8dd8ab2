"""All cases, in the order of their lanes. Cases of one lane run one after the other."""

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
    paused,
    released,
    restarted,
    shuffled,
    soaked,
    statements,
)
from tests.faults.count import Case
from tests.faults.ground import POSTGRESQL, SQLITE

ALONE = "alone"
"""Before everything else, while nothing else runs: what holds a load against the clock."""
SMALL, LARGE, OUTSIDE = SQLITE, POSTGRESQL, "outside"
PATIENT, PATIENT_TOO = "patient", "patient too"
"""What takes its time and little of the machine."""

ON_BOTH = (
    ("F1 F2 killed", killed.run),
    ("F3 paused", paused.run),
    ("F6 disk full", full_disk.run),
    ("F7 statement fails", statements.run),
)
SHORT_ON_BOTH = (
    ("F12 shuffled", shuffled.run),
    ("F14 deployed", deployed.run),
    ("L9 burst", loads.burst),
)

CASES: tuple[Case, ...] = (
    Case("L4 earns, SQLite", ALONE, loads.earns),
    *(Case(f"L5 campaign, {kind}", ALONE, partial(campaigned.run, kind)) for kind in (SMALL, LARGE)),
    *(Case(f"L6 drain, {kind}", ALONE, partial(drained.run, kind)) for kind in (SMALL, LARGE)),
    *(Case(f"{name}, {kind}", kind, partial(run, kind)) for name, run in ON_BOTH for kind in (SMALL, LARGE)),
    *(Case(f"{name}, {LARGE}", LARGE, partial(run, LARGE)) for name, run in SHORT_ON_BOTH),
    Case("L10 soak, PostgreSQL", PATIENT, partial(soaked.run, POSTGRESQL)),
    *(Case(f"F16 locked, {kind}", PATIENT, partial(locked.run, kind)) for kind in (SMALL, LARGE)),
    Case("F5 database restarted, PostgreSQL", PATIENT_TOO, restarted.run),
    *(Case(f"F15 two releases, {kind}", PATIENT_TOO, partial(released.run, kind)) for kind in (SMALL, LARGE)),
    Case("F4 broker dead, PostgreSQL", PATIENT_TOO, broker.run),
    *(Case(f"{name}, {SMALL}", PATIENT_TOO, partial(run, SMALL)) for name, run in SHORT_ON_BOTH),
    Case("F8 APNs", OUTSIDE, outside_apns.run),
    Case("F9 Google", OUTSIDE, outside_google.run),
    Case("F10 fuse", OUTSIDE, outside_papers.fuse),
    Case("F11 clock steps", OUTSIDE, outside_clocks.run),
    Case("F13 certificates", PATIENT, outside_papers.certificates),
    Case("B2 rubbish from phones", PATIENT, outside_phones.at_apples_door),
    Case("B5 forged callbacks", PATIENT, outside_callbacks.at_googles_door),
    Case("B6 rubbish from the other side", PATIENT, outside_rubbish.from_the_other_side),
)
