"""The programme guide: services, what they show, and how that changes while one looks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tests.simulator import ids, texts
from tests.simulator.scenario import DAY, HOUR, MINUTE, Scenario

_DURATIONS = tuple(minutes * MINUTE for minutes in (5, 15, 30, 30, 54, 60, 60, 90, 120, 180, 240))
_GRID = 5 * MINUTE


@dataclass(frozen=True, kw_only=True)
class Program:
    """A row of the guide; `text` is None for a nameless one. Times are milliseconds."""

    id: int
    start_at: int | None
    duration: int | None
    is_free: bool
    text: ProgramText | None

    @property
    def end(self) -> int | None:
        return None if self.start_at is None or self.duration is None else self.start_at + self.duration


@dataclass(frozen=True, kw_only=True)
class ProgramText:
    name: str
    description: str | None
    extended: dict[str, str] | None
    genre: int
    languages: Sequence[str] = ("jpn",)


@dataclass(kw_only=True)
class Service:
    id: int
    channel: str
    kind: str
    name: str
    programs: dict[int, Program] = field(default_factory=dict)
    next_event: int = 1


class Guide:
    """All services. The same seed, sizes and start give the same guide; so do the same changes in the same order."""

    def __init__(self, scenario: Scenario, pages: Sequence[str]) -> None:
        self._random = Random(f"{scenario.seed}:guide")
        self._pages = pages
        self._page_share = scenario.pages
        self.services = {service.id: service for service in self._make_services(scenario.services)}
        for number, service in enumerate(self.services.values()):
            named = _share(scenario.programs - scenario.nameless, scenario.services, number)
            nameless = _share(scenario.nameless, scenario.services, number)
            self._fill(service, scenario.start, named, nameless)

    def program(self, program_id: int) -> Program | None:
        service = self.services.get(ids.service_of(program_id))
        return service.programs.get(program_id) if service else None

    def next_boundary(self, service_id: int, now: int) -> int | None:
        """When a programme of the service begins next."""
        starts = (program.start_at for program in self.services[service_id].programs.values() if program.text)
        return min((start for start in starts if start is not None and start > now), default=None)

    def starting(self, earliest: int, latest: int) -> list[Program]:
        """Named programmes that begin in that time, in a stable order."""
        programs = (program for service in self.services.values() for program in service.programs.values())
        return [it for it in programs if it.text and it.start_at is not None and earliest < it.start_at <= latest]

    def change(self, service_id: int, now: int) -> None:
        """One flush of a service: some texts rewritten, some times moved, what is long past removed, the far end filled."""
        service = self.services[service_id]
        for program in list(service.programs.values()):
            if program.end is not None and program.end < now - 6 * HOUR:
                del service.programs[program.id]
            elif program.text and (program.start_at or 0) > now + HOUR and self._random.random() < 0.01:
                self._rewrite(service, program)
        for _ in range(self._random.randint(0, 2)):
            latest = max((program.end or 0 for program in service.programs.values()), default=now)
            self._add(service, max(latest, now + HOUR), named=True)

    def _rewrite(self, service: Service, program: Program) -> None:
        choice = self._random.random()
        if choice < 0.2:
            del service.programs[program.id]
        elif choice < 0.5 and program.start_at is not None:
            moved = program.start_at + self._random.choice((-1, 1, 2)) * _GRID
            service.programs[program.id] = replace(program, start_at=moved)
        else:
            service.programs[program.id] = replace(program, text=self._text())

    def _make_services(self, count: int) -> list[Service]:
        made = []
        for number in range(count):
            kind = ("GR", "GR", "BS", "CS", "BS4K", "SKY")[number % 6] if number else "GR"
            network = 32736 + number // 3 if kind == "GR" else 4 + number % 6
            name = texts.channel(self._random, number)
            channel = str(13 + number) if kind == "GR" else f"{kind}{number:02}_0"
            made.append(Service(id=ids.service_id(network, 1024 + number), channel=channel, kind=kind, name=name))
        return made

    def _fill(self, service: Service, start: int, named: int, nameless: int) -> None:
        begins = start - 5 * HOUR - start % _GRID
        for _ in range(named):
            begins = self._add(service, begins, named=True)
        for _ in range(nameless):
            self._add(service, start + self._random.randrange(-5 * HOUR, 8 * DAY, _GRID), named=False)

    def _add(self, service: Service, begins: int, *, named: bool) -> int:
        """Add a programme; returns when it ends. One in a hundred has no end, one in two hundred ends as it begins."""
        duration = self._random.choice(_DURATIONS) if self._random.random() > 0.005 else 0
        endless = self._random.random() < 0.01
        program = Program(
            id=ids.program_id(service.id, service.next_event),
            start_at=None if endless and not named else begins,
            duration=None if endless else duration,
            is_free=self._random.random() < 0.9,
            text=self._text() if named else None,
        )
        service.next_event += 1
        service.programs[program.id] = program
        return begins + duration

    def _text(self) -> ProgramText:
        page = self._random.choice(self._pages) if self._pages and self._random.random() < self._page_share else None
        return ProgramText(
            name=texts.title(self._random),
            description=texts.description(self._random) if self._random.random() < 0.9 else None,
            extended=texts.extended(self._random, page) if page or self._random.random() < 0.7 else None,
            genre=self._random.randrange(12),
            languages=("jpn", "eng") if self._random.random() < 0.1 else ("jpn",),
        )


def _share(total: int, parts: int, number: int) -> int:
    return total // parts + (number < total % parts)


def service_json(service: Service) -> dict[str, object]:
    """As `GET /api/services/{id}` answers: the outer id is composed, `serviceId` is the 16-bit one."""
    network, sid = divmod(service.id, 100_000)
    return {
        "id": service.id,
        "serviceId": sid,
        "networkId": network,
        "type": 1,
        "logoId": -1,
        "remoteControlKeyId": sid % 12,
        "name": service.name,
        "channel": {"type": service.kind, "channel": service.channel},
        "hasLogoData": False,
    }


def program_json(program: Program) -> dict[str, object]:
    """As the program lists hold it: what a nameless row lacks is left out, what has no time yet is null."""
    service, event = divmod(program.id, 100_000)
    network, sid = divmod(service, 100_000)
    row: dict[str, object] = {
        "id": program.id,
        "eventId": event,
        "serviceId": sid,
        "networkId": network,
        "startAt": program.start_at,
        "duration": program.duration,
        "isFree": program.is_free,
    }
    return row | (_text_json(program, program.text) if program.text else {})


def _text_json(program: Program, text: ProgramText) -> dict[str, object]:
    optional = {"description": text.description, "extended": text.extended}
    audio = {"componentType": 3, "isMain": True, "samplingRate": 48000, "langs": list(text.languages)}
    service, event = divmod(program.id, 100_000)
    return {
        "name": text.name,
        **{name: value for name, value in optional.items() if value is not None},
        "video": {"type": "mpeg2", "resolution": "1080i", "streamContent": 1, "componentType": 179},
        "audio": audio,
        "audios": [audio],
        "genres": [{"lv1": text.genre, "lv2": text.genre % 4, "un1": 15, "un2": 15}],
        "relatedItems": [{"type": "shared", "networkId": None, "serviceId": service % 100_000, "eventId": event}],
    }


def programs_bytes(programs: Sequence[Program]) -> bytes:
    return json.dumps([program_json(program) for program in programs], ensure_ascii=False).encode()
