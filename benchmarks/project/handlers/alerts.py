"""What every worker of the benchmark makes of a reading."""

from __future__ import annotations

from generated.events import Alert, JudgedReading, Reading


def alert(event: Reading | JudgedReading, number: int | None = None) -> Alert:
    return Alert(
        sensor=event.sensor,
        number=event.number if number is None else number,
        kelvin=event.celsius + 273.15,
        place=event.place,
        status=event.status,
        note=event.note,
    )
