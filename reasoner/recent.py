"""What a long run remembers, within bounds."""

from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Recent(dict[_Key, _Value]):
    """What was kept or asked for lately, by key; at most twice as many things as given.

    `recent[key]` gives what was kept and raises KeyError for anything else. When as many as given have come, they give
    way to the next, and what is asked for meanwhile is taken over: so what comes again and again stays, and what came
    once goes, without a list of who was asked when.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._before: dict[_Key, _Value] = {}

    def __missing__(self, key: _Key) -> _Value:
        """Give what is about to be forgotten, and take it over."""
        value = self._before[key]
        self.keep(key, value)
        return value

    def keep(self, key: _Key, value: _Value) -> _Value:
        """Keep something; gives it back."""
        if len(self) >= self._most:
            self._before = dict(self)
            self.clear()
        self[key] = value
        return value
