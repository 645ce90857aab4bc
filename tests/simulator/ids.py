"""mirakc's ids: a service's holds its network's, a program's its service's, a record's its program's."""

from __future__ import annotations


def service_id(network: int, sid: int) -> int:
    return network * 100_000 + sid


def program_id(service: int, event: int) -> int:
    return service * 100_000 + event


def service_of(program: int) -> int:
    return program // 100_000


def record_id(started: int, program: int) -> str:
    """started: milliseconds since 1970."""
    return f"{started:016X}{program:016X}"
