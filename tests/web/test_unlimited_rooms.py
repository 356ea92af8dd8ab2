"""No limit is hung where none is looked up."""

from __future__ import annotations

import inspect

from tests.web.site import Site
from wallet_service.web.limits import UNLIMITED


def test_a_room_in_which_no_limit_is_looked_up_has_none(site: Site) -> None:
    views = [view for name, view in site.app.view_functions.items() if name.partition(".")[0] in UNLIMITED]
    assert views
    for view in views:
        module = inspect.getmodule(inspect.unwrap(view))
        assert module is not None
        assert "limiter" not in vars(module), module.__name__
