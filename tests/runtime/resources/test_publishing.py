"""Publishing by hand, in memory and on a real server."""

from __future__ import annotations

import pytest
from nats.aio.client import Client
from pydantic import BaseModel
from streamworker.errors import PublishRefused
from streamworker.resources import Publisher, Resources
from streamworker.subject import Subject
from streamworker.testing import FakeResources, deliver


class Notice(BaseModel):
    tuner: str
    text: str = ""


@pytest.fixture
async def notices(nats_client: Client, prefix: str) -> Subject[Notice]:
    """A subject that a stream of the test's own stores."""
    await nats_client.jetstream().add_stream(name=f"{prefix}_NOTICES", subjects=[f"{prefix}.notice.>"])
    return Subject(f"{prefix}.notice.{{tuner}}", Notice)


@pytest.fixture
def publisher(resources: Resources, notices: Subject[Notice]) -> Publisher[Notice]:
    return resources.publisher(notices)


async def test_outside_a_handler_an_id_is_the_publishers_business(publisher: Publisher[Notice]) -> None:
    event = Notice(tuner="t1", text="news")

    assert not (await publisher.publish(event)).duplicate
    assert not (await publisher.publish(event)).duplicate
    assert not (await publisher.publish(event, id="once")).duplicate
    assert (await publisher.publish(event, id="once")).duplicate


async def test_inside_a_handler_the_same_publish_of_a_retry_is_stored_once(publisher: Publisher[Notice]) -> None:
    async def handle() -> list[bool]:
        first = await publisher.publish(Notice(tuner="t1"))
        second = await publisher.publish(Notice(tuner="t1"))
        return [first.duplicate, second.duplicate]

    assert await deliver(handle, sequence=1) == [False, False]
    assert await deliver(handle, sequence=1, attempt=2) == [True, True]
    assert await deliver(handle, sequence=2) == [False, False]


async def test_it_stands_on_its_concrete_subject_with_the_correlation_of_its_delivery(
    publisher: Publisher[Notice], resources: Resources, nats_client: Client, prefix: str
) -> None:
    await deliver(lambda: publisher.publish(Notice(tuner="t9")), headers={"Streamworker-Correlation": "first"})

    if isinstance(resources, FakeResources):
        [output] = resources.outputs
        subject, data, headers = output.subject, output.data, dict(output.headers)
    else:
        stored = await nats_client.jetstream().get_msg(f"{prefix}_NOTICES", 1)
        subject, data, headers = stored.subject or "", stored.data or b"", stored.headers or {}
    assert subject == f"{prefix}.notice.t9"
    assert Notice.model_validate_json(data).tuner == "t9"
    assert headers["Streamworker-Correlation"] == "first"


async def test_a_fake_shows_what_was_published_on_each_subject() -> None:
    resources = FakeResources()
    notices, others = Subject("notice.{tuner}", Notice), Subject("other.{tuner}", Notice)
    await resources.publisher(notices).publish(Notice(tuner="a"))
    await resources.publisher(others).publish(Notice(tuner="b"))
    await resources.publisher(notices).publish(Notice(tuner="c"))

    assert resources.published(notices) == [Notice(tuner="a"), Notice(tuner="c")]
    assert resources.published(others) == [Notice(tuner="b")]


async def test_what_the_server_never_takes_is_refused(
    resources: Resources, notices: Subject[Notice], publisher: Publisher[Notice]
) -> None:
    if isinstance(resources, FakeResources):
        pytest.skip("memory takes everything")
    with pytest.raises(PublishRefused, match="max_payload"):
        await publisher.publish(Notice(tuner="t1", text="x" * 1_048_576))
