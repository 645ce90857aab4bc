"""Durations and sizes as the pipeline file writes them. pipeline.schema.json has seen to their form."""

from __future__ import annotations

import re

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
_QUANTITY = re.compile(r"([0-9]+)([A-Za-z]+)")


def seconds(text: str) -> float:
    """`500ms`, `30s`, `10m`, `24h`, `30d`."""
    number, unit = _parts(text)
    return number / 1000 if unit == "ms" else number * _SECONDS[unit]


def span(text: str) -> tuple[float, float]:
    """`1s..1m`: from and to; `1s` alone is both."""
    shortest, _, longest = text.partition("..")
    return seconds(shortest), seconds(longest or shortest)


def size(text: str | int) -> int:
    """`1024`, `512KiB`, `2GiB`, in bytes."""
    if isinstance(text, int):
        return text
    number, unit = _parts(text)
    return number * _BYTES[unit]


def show_seconds(value: float) -> str:
    """A duration for people, in at most two units: `37m30s`, `1d`."""
    parts: list[str] = []
    for unit in ("d", "h", "m", "s"):
        whole, value = divmod(value, _SECONDS[unit])
        if whole and len(parts) < 2:
            parts.append(f"{whole:.0f}{unit}")
    return "".join(parts) or f"{value * 1000:.0f}ms"


def show_size(value: float) -> str:
    """A size for people: `562 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit in ("B", "KiB") or value >= 10 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def _parts(text: str) -> tuple[int, str]:
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(text)
    return int(found[1]), found[2]
