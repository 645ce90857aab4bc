"""A counter-example made small, so that a person sees at a glance what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamworker_codegen.documents import Json

_STEPS = 2000


def shrunk(value: Json, still: Callable[[Json], bool]) -> Json:
    """The smallest value that was found for which `still` holds; it holds for `value`."""
    left = _STEPS
    better = True
    while better and left > 0:
        better = False
        for candidate in _smaller(value):
            left -= 1
            if still(candidate):
                value, better = candidate, True
                break
            if left <= 0:
                break
    return value


def _smaller(value: Json) -> Iterator[Json]:
    """Values a step simpler, the boldest first."""
    match value:
        case dict():
            for name in value:
                yield {key: each for key, each in value.items() if key != name}
            for name, each in value.items():
                yield from ({**value, name: smaller} for smaller in _smaller(each))
        case list():
            if len(value) > 1:
                yield value[: len(value) // 2]
            yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
            for index, each in enumerate(value):
                yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in _smaller(each))
        case bool() | None:
            return
        case int() | float():
            yield from _smaller_numbers(value)
        case str():
            yield from _smaller_texts(value)


def _smaller_numbers(value: int | float) -> Iterator[Json]:
    for simple in (0, 1, 0.5, int(value) if abs(value) < 2**53 else 0, int(value / 2) if abs(value) < 2**53 else 0):
        if (abs(simple), isinstance(simple, float)) < (abs(value), isinstance(value, float)):
            yield simple


def _smaller_texts(value: str) -> Iterator[Json]:
    length = len(value)
    for simple in ("", "a", value[: length // 2], value[:-1], "a" * length, "0" * length):
        if _strangeness(simple) < _strangeness(value):
            yield simple


def _strangeness(value: str) -> tuple[int, int]:
    return len(value), 0 if not value.strip("a") else 1 if not value.strip("0") else 2
