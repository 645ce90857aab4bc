"""mirakc's API over HTTP: the guide and the recording schedules of the server that an event came from."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from generated.events import Source, StoredProgram
from handlers.domain.booking import Accepted, Answer, Order, Refused
from handlers.domain.errors import Garbled, NotFound, Unavailable
from handlers.domain.guide import Service
from handlers.infrastructure.bodies import BodyTooLarge, read_up_to
from handlers.infrastructure.mirakc_models import ERROR, PROGRAMS, SCHEDULE, SERVICE, program_of, service_of

LARGEST: Final = 32 << 20
"""Bytes of the largest answer that is read: some twenty times the list of a service with a thousand programmes."""

T = TypeVar("T")


class Mirakc:
    """A mirakc server: plays `Guide` and `Bookings`. Shares its HTTP client with others, and does not close it."""

    def __init__(self, http: httpx.AsyncClient, source: Source) -> None:
        self._http = http
        self._api = f"{source.url.rstrip('/')}/api"

    async def service(self, service_id: int) -> Service:
        body = await self._get(f"/services/{service_id}")
        return service_of(_read(SERVICE, body))

    async def programs(self, service_id: int) -> Mapping[int, StoredProgram]:
        body = await self._get(f"/services/{service_id}/programs")
        return {sent.id: program_of(sent) for sent in _read(PROGRAMS, body)}

    async def book(self, order: Order) -> Answer:
        options = {"priority": order.priority} | ({"contentPath": order.content_path} if order.content_path else {})
        wanted = {"programId": order.program_id, "options": options, "tags": list(order.tags)}
        status, body = await self._request("POST", "/recording/schedules", wanted)
        match status:
            case HTTPStatus.CREATED:
                return Accepted(_read(SCHEDULE, body).state, existed=False)
            case HTTPStatus.NOT_FOUND:
                return Refused(status, "program-not-found" if body else "recording-disabled", None)
            case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
                reason = _reason(body)
                exists = reason is None
                return await self._existing(order.program_id) if exists else Refused(status, "invalid-request", reason)
            case _:
                raise Garbled(f"mirakc answered {status} to a booking")

    async def _existing(self, program_id: int) -> Accepted:
        """What is booked already: mirakc says "exists" by a bad request without a reason."""
        try:
            body = await self._get(f"/recording/schedules/{program_id}")
        except NotFound as gone:
            raise Unavailable("a schedule that existed was removed in the meantime") from gone
        return Accepted(_read(SCHEDULE, body).state, existed=True)

    async def _get(self, path: str) -> bytes:
        status, body = await self._request("GET", path)
        if status == HTTPStatus.NOT_FOUND:
            raise NotFound(f"mirakc does not know {path}")
        if status != HTTPStatus.OK:
            raise Garbled(f"mirakc answered {status} to {path}")
        return body

    async def _request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        try:
            async with self._http.stream(method, self._api + path, json=body) as response:
                if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise Unavailable(f"mirakc answered {response.status_code} to {path}")
                return response.status_code, await read_up_to(LARGEST, response)
        except httpx.TransportError as error:
            raise Unavailable(f"{path}: {type(error).__name__}") from error
        except BodyTooLarge as error:
            raise Garbled(f"{path}: {error}") from error


def _read(adapter: TypeAdapter[T], body: bytes) -> T:
    try:
        return adapter.validate_json(body, strict=True)
    except ValidationError as error:
        raise Garbled(_first(error)) from error


def _reason(body: bytes) -> str | None:
    """Why mirakc calls a request bad: its own JSON says so, or else its web framework's plain text is all there is."""
    try:
        return ERROR.validate_json(body).reason
    except ValidationError:
        return body.decode(errors="replace")


def _first(error: ValidationError) -> str:
    """Where an answer is wrong, without what stands there."""
    found = error.errors(include_input=False, include_context=False)[0]
    return f"{error.title} at {'/'.join(map(str, found['loc']))}: {found['msg']}"
