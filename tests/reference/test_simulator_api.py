"""The simulator's API and pages over real HTTP, with the errors that mirakc's code gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.simulator.pages import COUNT, Pages
from tests.simulator.scenario import HOUR, Scenario
from tests.simulator.simulator import Simulator, simulator

SCENARIO = Scenario(services=3, programs=200, nameless=50, start=1767312000000, speed=0, duration=HOUR)
SERVICE = 3273601024


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with simulator(SCENARIO, log=tmp_path / "log") as it:
        yield it


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sim.url, timeout=5) as client:
        yield client


async def test_services_and_programs_are_listed(api: httpx.AsyncClient) -> None:
    services = (await api.get("/api/services")).json()
    assert services[0] == (await api.get(f"/api/services/{SERVICE}")).json()
    assert (services[0]["id"], services[0]["serviceId"], services[0]["networkId"]) == (SERVICE, 1024, 32736)
    programs = (await api.get(f"/api/services/{SERVICE}/programs")).json()
    assert {program["serviceId"] for program in programs} == {1024}
    assert len((await api.get("/api/programs")).json()) == 200
    assert programs[0] == (await api.get(f"/api/programs/{programs[0]['id']}")).json()


async def test_lists_hold_ended_programs(api: httpx.AsyncClient) -> None:
    programs = (await api.get(f"/api/services/{SERVICE}/programs")).json()
    assert any((it["startAt"] or 0) + (it["duration"] or HOUR) < SCENARIO.start for it in programs if it["startAt"])


async def book(api: httpx.AsyncClient, program_id: int, **options: object) -> httpx.Response:
    return await api.post("/api/recording/schedules", json={"programId": program_id, "options": options, "tags": ["a"]})


async def test_a_booking_can_be_read_listed_and_removed(api: httpx.AsyncClient) -> None:
    program_id = SERVICE * 100_000 + 20
    booked = await book(api, program_id, priority=3)
    assert booked.status_code == 201
    assert (booked.json()["state"], booked.json()["program"]["id"]) == ("scheduled", program_id)
    assert (await api.get(f"/api/recording/schedules/{program_id}")).json() == booked.json()
    assert (await api.get("/api/recording/schedules")).json() == [booked.json()]
    removed = await api.delete(f"/api/recording/schedules/{program_id}")
    assert (removed.status_code, removed.content) == (200, b"")
    assert (await api.get("/api/recording/schedules")).json() == []


async def test_a_second_booking_is_a_bad_request_without_a_reason(api: httpx.AsyncClient) -> None:
    program_id = SERVICE * 100_000 + 20
    await book(api, program_id)
    again = await book(api, program_id)
    assert (again.status_code, again.json()) == (400, {"code": 400, "reason": None, "errors": []})


async def test_bad_bookings_say_why(api: httpx.AsyncClient) -> None:
    absolute = await book(api, SERVICE * 100_000 + 21, contentPath="/etc/x")
    assert (absolute.status_code, absolute.json()["reason"]) == (400, "Must be a relative path")
    assert (await book(api, SERVICE * 100_000 + 21, contentPath="../x")).status_code == 400
    assert (await book(api, 1)).status_code == 404
    assert (await api.post("/api/recording/schedules", content=b"{")).status_code == 400
    assert (await api.post("/api/recording/schedules", json={"programId": "x"})).status_code == 422


async def test_an_ended_program_is_booked_all_the_same(api: httpx.AsyncClient) -> None:
    programs = (await api.get(f"/api/services/{SERVICE}/programs")).json()
    ended = next(it for it in programs if it["startAt"] and it["startAt"] + (it["duration"] or HOUR) < SCENARIO.start)
    assert (await book(api, ended["id"])).status_code == 201


async def test_what_the_router_does_not_know_is_not_found_and_empty(api: httpx.AsyncClient) -> None:
    assert (await api.get("/api/services/1")).json() == {"code": 404, "reason": None, "errors": []}
    unknown = await api.get("/api/recorders")
    assert (unknown.status_code, unknown.content) == (404, b"")


async def test_faults_strike_the_next_answers(api: httpx.AsyncClient) -> None:
    await api.post("/control/faults", json={"server-error": 1, "empty-list": 1})
    assert (await api.get(f"/api/services/{SERVICE}/programs")).status_code == 500
    assert (await api.get(f"/api/services/{SERVICE}/programs")).json() == []
    await api.post("/control/faults", json={"truncated": 1, "not-json": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await api.get("/api/services")
    assert (await api.get("/api/services")).text.startswith("<html>")
    assert (await api.get("/api/services")).status_code == 200


async def test_just_after_a_restart_program_lists_are_empty() -> None:
    cold = replace(SCENARIO, cold=HOUR)
    async with simulator(cold) as it, httpx.AsyncClient(base_url=it.url) as client:
        assert (await client.get(f"/api/services/{SERVICE}/programs")).json() == []
        await it.world.timeline.advance(cold.start + HOUR)
        assert (await client.get(f"/api/services/{SERVICE}/programs")).json() != []


async def test_pages_name_images_that_are_there_or_not(sim: Simulator, api: httpx.AsyncClient) -> None:
    for kind in ("relative", "none", "gone", "image-gone", "legacy"):
        number = sim.pages.kinds.index(kind)
        page, image = await api.get(f"/pages/{number}"), await api.get(f"/images/{number}")
        assert page.status_code == (404 if kind == "gone" else 200)
        assert (b"og:image" in page.content) == (kind not in ("none", "gone"))
        assert image.status_code == (404 if kind in ("gone", "image-gone", "none") else 200)
        assert sim.pages.image(number) in (None, image.content)
    assert (await api.get(f"/pages/{COUNT}")).status_code == 404


def test_pages_of_one_seed_are_the_same() -> None:
    assert Pages(1, "http://a").kinds == Pages(1, "http://b").kinds
    assert Pages(1, "http://a").image(0) != Pages(2, "http://a").image(0)


async def test_the_log_holds_requests_and_bookings(sim: Simulator, api: httpx.AsyncClient, tmp_path: Path) -> None:
    program_id = SERVICE * 100_000 + 22
    await book(api, program_id)
    await book(api, program_id)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["method"], line["status"], line.get("body", {}).get("programId")) for line in lines] == [
        ("POST", 201, program_id),
        ("POST", 400, None),
    ]
