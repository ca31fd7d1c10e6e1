"""What a long run remembers is what was kept, and stays within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.recent import Recent

MOST = 4


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers())))
def test_it_gives_what_was_kept_or_nothing_and_never_holds_more_than_twice_as_many(
    steps: list[tuple[bool, int, int]],
) -> None:
    recent: Recent[int, int] = Recent(MOST)
    kept: dict[int, int] = {}
    for keeps, key, value in steps:
        if keeps:
            kept[key] = value
            assert recent.keep(key, value) == value
        else:
            try:
                assert recent[key] == kept[key]
            except KeyError:
                assert key not in recent
        assert len(recent) <= MOST
        assert len(recent._before) <= MOST


def test_what_is_asked_for_again_and_again_stays() -> None:
    recent: Recent[int, str] = Recent(MOST)
    recent.keep(0, "often")
    for number in range(1, 100):
        recent.keep(number, "once")
        if number % (MOST - 1) == 0:
            assert recent[0] == "often"
    with pytest.raises(KeyError):
        recent[1]


def test_the_last_ones_are_there() -> None:
    recent: Recent[int, int] = Recent(MOST)
    for number in range(100):
        recent.keep(number, number)
    assert [recent[number] for number in range(99, 99 - MOST, -1)] == [99, 98, 97, 96]
