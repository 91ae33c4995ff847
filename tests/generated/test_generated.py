"""Modules put together from a small grammar: every promise of a fix, on each of them."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from generated.modules import Generated, modules
from generated.promises import hold
from support import how_many


@settings(
    max_examples=how_many(40, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
@given(modules())
def test_every_promise_of_a_fix_is_kept(module: Generated) -> None:
    hold(module)
