"""mirakc's API below `/api`, with the errors that its code gives rather than those of its documents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.simulator import guide, recorder
from tests.simulator.faults import Faults
from tests.simulator.http import Request, Response
from tests.simulator.world import World

_SLOW = 1.5  # seconds
_HANG = 60.0


class Options(BaseModel):
    model_config = ConfigDict(extra="allow")

    content_path: str | None = Field(None, alias="contentPath")
    priority: int = Field(0, ge=-(2**31), lt=2**31)


class Input(BaseModel):
    """What books a schedule."""

    program_id: int = Field(alias="programId", ge=0, lt=2**64)
    options: Options
    tags: frozenset[str] = frozenset()


class Api:
    """records: whether mirakc has a `records-dir`; without it a booking has to say where its content goes."""

    def __init__(self, world: World, faults: Faults, *, records: bool = True) -> None:
        self._world = world
        self._faults = faults
        self._records = records

    async def answer(self, request: Request) -> Response:
        """Answer a request, unless a fault strikes. It may strike after a booking was made: then its answer is lost."""
        if self._faults.strikes("server-error"):
            return error(500)
        if self._faults.strikes("unavailable"):
            return error(503)
        return await self._spoiled(await self._answer(request))

    async def _spoiled(self, answer: Response) -> Response:
        if self._faults.strikes("slow"):
            await asyncio.sleep(_SLOW)
        if self._faults.strikes("hang"):
            await asyncio.sleep(_HANG)
        if answer.body and self._faults.strikes("truncated"):
            return Response(answer.status, answer.body[: len(answer.body) // 2], length=len(answer.body))
        if self._faults.strikes("not-json"):
            return Response(body="<html>ようこそ</html>".encode(), type="text/html")
        return answer

    async def _answer(self, request: Request) -> Response:
        match request.method, request.path.removeprefix("/api").strip("/").split("/"):
            case "GET", ["services"]:
                return _json([guide.service_json(service) for service in self._world.guide.services.values()])
            case "GET", ["services", name]:
                service = self._world.guide.services.get(_number(name))
                return _json(guide.service_json(service)) if service else error(404)
            case "GET", ["services", name, "programs"]:
                return self._programs(_number(name))
            case "GET", ["programs"]:
                return Response(body=guide.programs_bytes(self._all_programs()))
            case "GET", ["programs", name]:
                program = self._world.guide.program(_number(name))
                return _json(guide.program_json(program)) if program else error(404)
            case _, ["recording", "schedules", *rest]:
                return await self._schedules(request, rest)
            case _:
                return Response(404, type="")  # the router's own: nothing in it

    def _programs(self, service_id: int) -> Response:
        service = self._world.guide.services.get(service_id)
        if service is None:
            return error(404)
        if self._world.cold or self._faults.strikes("empty-list"):
            return _json([])
        return Response(body=guide.programs_bytes(list(service.programs.values())))

    def _all_programs(self) -> list[guide.Program]:
        if self._world.cold:
            return []
        return [program for service in self._world.guide.services.values() for program in service.programs.values()]

    async def _schedules(self, request: Request, rest: list[str]) -> Response:
        recordings = self._world.recorder
        match request.method, rest:
            case "GET", []:
                return _json([recorder.schedule_json(it, recordings.guide) for it in recordings.schedules.values()])
            case "POST", []:
                return self._book(request.body)
            case "DELETE", []:
                await self._clear(request.query.get("tag"))
                return Response(type="")
            case "GET", [name]:
                schedule = recordings.schedules.get(_number(name))
                return _json(recorder.schedule_json(schedule, recordings.guide)) if schedule else error(404)
            case "DELETE", [name] if _number(name) in recordings.schedules:
                await recordings.cancel(_number(name))
                return Response(type="")
            case _:
                return error(404)

    def _book(self, body: bytes) -> Response:
        try:
            wanted = Input.model_validate_json(body)
        except ValidationError as refused:
            malformed = refused.errors()[0]["type"] == "json_invalid"
            return Response(400 if malformed else 422, str(refused).encode(), "text/plain; charset=utf-8")
        path = wanted.options.content_path
        if path is None and not self._records:
            return error(400, "contentPath is required")
        if path is not None and path.startswith("/"):
            return error(400, "Must be a relative path")
        if path is not None and ".." in path.split("/"):
            return error(400, "Must be under config.recording.basedir")
        options: Mapping[str, object] = wanted.options.model_dump(by_alias=True, exclude_none=True)
        try:
            schedule = self._world.recorder.book(wanted.program_id, options, sorted(wanted.tags))
        except LookupError:
            return error(404)
        except FileExistsError:
            return error(400)
        return _json(recorder.schedule_json(schedule, self._world.guide), 201)

    async def _clear(self, tag: str | None) -> None:
        for schedule in list(self._world.recorder.schedules.values()):
            if tag is None or (tag in schedule.tags and schedule.state not in {"tracking", "recording"}):
                await self._world.recorder.cancel(schedule.program_id)


def error(status: int, reason: str | None = None) -> Response:
    return _json({"code": status, "reason": reason, "errors": []}, status)


def _json(value: object, status: int = 200) -> Response:
    return Response(status, json.dumps(value, ensure_ascii=False).encode())


def _number(name: str) -> int:
    return int(name) if name.isascii() and name.isdigit() else -1
