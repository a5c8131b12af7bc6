"""How often one may fail to sign in, by a clock of the test's own."""

from __future__ import annotations

import pytest

from cocalc_magic.sandbox.http.rate_limit import SignInLimit


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_minute_begins_anew_with_each_failure(clock: Clock) -> None:
    limit = SignInLimit(clock)
    for _ in range(6):
        assert limit.refusal("a@b.org") is None
        limit.add("a@b.org")
        clock.now += 50

    words = 'Too many attempts per minute to sign in as "a@b.org". Wait one minute, then try again.'
    assert limit.refusal("a@b.org") == words
    assert limit.refusal("c@d.org") is None
    clock.now += 11
    assert limit.refusal("a@b.org") is None


def test_fifty_in_an_hour_are_too_many_for_an_address(clock: Clock) -> None:
    limit = SignInLimit(clock)
    for _ in range(51):
        limit.add("a@b.org")
        clock.now += 61

    words = 'Too many attempts per hour to sign in as "a@b.org". Wait about an hour, then try again.'
    assert limit.refusal("a@b.org") == words


@pytest.mark.parametrize(
    ("count", "step", "words"),
    [
        (31, 0, "per minute to sign in from your computer. Wait one minute, then try again."),
        (201, 61, "per hour to sign in from your computer. Wait about an hour, then try again."),
    ],
)
def test_one_computer_fails_for_all_addresses_together(
    clock: Clock, count: int, step: int, words: str
) -> None:
    limit = SignInLimit(clock)
    for number in range(count):
        assert limit.refusal("other@b.org") is None
        limit.add(f"{number}@b.org")
        clock.now += step

    assert limit.refusal("other@b.org") == f"Too many attempts {words}"
