from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from streamworker.errors import ResourceConflict
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.plan import OWNER, covers, wanted_bucket, wanted_objects, wanted_stream
from streamworker.jetstream.provision import Provisioned, provision
from streamworker.resources import Stream

from tests.conftest import Eventually
from tests.servers import NatsServer


@pytest.fixture
def stream(prefix: str) -> Stream:
    return Stream(name=prefix, subjects=(f"{prefix}.>",), max_age=3600.0, duplicate_window=120.0)


async def make(api: Api, *streams: Stream, pipeline: str = "tests") -> Provisioned:
    return await provision(api, [wanted_stream(stream, pipeline) for stream in streams])


async def publish(client: Client, subject: str, count: int = 1) -> None:
    for _ in range(count):
        await client.jetstream().publish(subject, b"body")


async def test_what_is_missing_is_made_and_what_is_there_is_kept(api: Api, stream: Stream, prefix: str) -> None:
    wanted = [
        wanted_stream(replace(stream, max_bytes=1_000_000, max_msg_size=1000, discard="new"), "tests"),
        wanted_bucket(f"{prefix}b", "tests", ttl=60.0),
        wanted_objects(f"{prefix}o", "tests"),
    ]
    names = (f"stream {prefix}", f"bucket {prefix}b", f"object store {prefix}o")
    assert await provision(api, wanted) == Provisioned(created=names)
    assert await provision(api, wanted) == Provisioned(kept=names)
    config = (await api.stream_info(prefix)).config
    assert (config["max_age"], config["duplicate_window"]) == (3600 * 10**9, 120 * 10**9)
    assert (config["max_bytes"], config["max_msg_size"], config["discard"]) == (1_000_000, 1000, "new")


async def test_what_loses_nothing_is_updated(
    api: Api, stream: Stream, prefix: str, nats_client: Client, eventually: Eventually
) -> None:
    await make(api, stream)
    before = await api.stream_info(prefix)
    await api.update_stream({**before.config, "description": "by hand"})
    await publish(nats_client, f"{prefix}.a")
    larger = replace(stream, subjects=(f"{prefix}.>", f"{prefix}-more.>"), max_age=7200.0, duplicate_window=600.0)
    assert await make(api, larger) == Provisioned(updated=(f"stream {prefix}",))
    after = await api.stream_info(prefix)
    assert after.created == before.created
    assert after.messages == 1
    assert after.config["description"] == "by hand"
    assert after.config["duplicate_window"] == 600 * 10**9
    assert await make(api, larger) == Provisioned(kept=(f"stream {prefix}",))


async def test_a_smaller_age_is_taken_while_no_message_is_older(
    api: Api, stream: Stream, prefix: str, nats_client: Client
) -> None:
    await make(api, stream)
    await publish(nats_client, f"{prefix}.a")
    smaller = replace(stream, max_age=600.0)
    assert (await make(api, smaller)).updated
    await asyncio.sleep(0.3)
    with pytest.raises(ResourceConflict) as conflict:
        await make(api, replace(stream, max_age=0.2, duplicate_window=0.2))
    assert prefix in str(conflict.value)
    assert "max_age is 10m on the server and 200ms as declared" in str(conflict.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"retention": "workqueue"}, "retention is limits on the server and workqueue as declared"),
        ({"storage": "memory"}, "storage is file on the server and memory as declared"),
        ({"max_msgs": 2}, "max_msgs is unlimited on the server and 2 as declared"),
        ({"max_bytes": 10}, "max_bytes is unlimited on the server and 10 as declared"),
        ({"max_msgs_per_subject": 1}, "max_msgs_per_subject is unlimited on the server and 1 as declared"),
        ({"subjects": ("other.>",)}, "is declared no more, and the stream holds messages of it"),
    ],
)
async def test_what_would_lose_is_refused(
    api: Api, stream: Stream, prefix: str, nats_client: Client, change: dict[str, object], said: str
) -> None:
    await make(api, stream)
    await publish(nats_client, f"{prefix}.a", 3)
    before = (await api.stream_info(prefix)).config
    with pytest.raises(ResourceConflict) as conflict:
        await make(api, replace(stream, **change))  # type: ignore[arg-type]  # a field of it
    assert said in str(conflict.value)
    assert f"stream {prefix}" in str(conflict.value)
    assert (await api.stream_info(prefix)).config == before


async def test_a_window_that_is_longer_than_it_has_to_be_stays(api: Api, stream: Stream, prefix: str) -> None:
    """What a removed worker has written may still come again. An age that gets shorter takes the window with it."""
    await make(api, replace(stream, duplicate_window=600.0))
    assert not (await make(api, stream)).updated
    await make(api, replace(stream, max_age=300.0))
    assert (await api.stream_info(prefix)).config["duplicate_window"] == 300 * 10**9


async def test_a_subject_without_messages_may_go(api: Api, stream: Stream, prefix: str, nats_client: Client) -> None:
    both = replace(stream, subjects=(f"{prefix}.a", f"{prefix}.b"))
    await make(api, both)
    await publish(nats_client, f"{prefix}.a")
    assert (await make(api, replace(stream, subjects=(f"{prefix}.a",)))).updated
    assert (await make(api, replace(stream, subjects=(f"{prefix}.*",)))).updated  # the old one is in the new one


async def test_what_belongs_to_somebody_else_is_refused(api: Api, stream: Stream, prefix: str) -> None:
    await api.create_stream({"name": prefix, "subjects": [f"{prefix}.>"]})
    with pytest.raises(ResourceConflict, match="no pipeline made it"):
        await make(api, stream)
    config = (await api.stream_info(prefix)).config
    await api.update_stream({**config, "metadata": {OWNER: "other"}})
    with pytest.raises(ResourceConflict, match="belongs to the pipeline other"):
        await make(api, stream)
    await api.update_stream({**config, "metadata": {OWNER: "tests"}})  # as the hint says
    assert (await make(api, stream)).updated


async def test_an_external_stream_is_checked_and_never_changed(api: Api, stream: Stream, prefix: str) -> None:
    external = replace(stream, owner="external")
    with pytest.raises(ResourceConflict, match="does not exist"):
        await make(api, external)
    await api.create_stream({"name": prefix, "subjects": [f"{prefix}.a"], "max_msgs": 10, "storage": "memory"})
    before = (await api.stream_info(prefix)).config
    with pytest.raises(ResourceConflict) as conflict:
        await make(api, external)
    for problem in (f"does not store {prefix}.>", "storage is memory", "max_msgs is 10"):
        assert problem in str(conflict.value)
    fitting = replace(external, subjects=(f"{prefix}.a",), storage="memory", delivery="at-least-once")
    assert await make(api, fitting) == Provisioned(kept=(f"stream {prefix}",))
    assert (await api.stream_info(prefix)).config == before


async def test_all_conflicts_come_at_once_and_nothing_is_touched(
    api: Api, stream: Stream, prefix: str, nats_client: Client
) -> None:
    await make(api, stream)
    await publish(nats_client, f"{prefix}.a")
    second = Stream(name=f"{prefix}2", subjects=(f"{prefix}.b",))
    third = Stream(name=f"{prefix}3", subjects=(f"{prefix}3.>",))
    with pytest.raises(ResourceConflict) as conflict:
        await make(api, replace(stream, storage="memory", retention="workqueue"), second, third)
    text = str(conflict.value)
    assert "3 conflicts" in text
    assert "storage is file" in text
    assert "retention is limits" in text
    assert f"its subject {prefix}.b is stored by stream {prefix} already" in text
    assert await api.stream_names(f"{prefix}3.>") == []


async def test_processes_that_start_together_agree(
    nats_server: NatsServer, open_connection: Callable[..., Connection], stream: Stream
) -> None:
    connections = [open_connection(nats_server.url) for _ in range(5)]
    await asyncio.gather(*(connection.open() for connection in connections))
    await asyncio.gather(*(make(Api(connection), stream) for connection in connections))


_TOKENS = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=4)
_PATTERNS = st.builds(lambda tokens, rest: ".".join([*tokens, *rest]), _TOKENS, st.sampled_from([[], [">"]]))
_SUBJECTS = st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(".".join)


@given(_PATTERNS, _PATTERNS, _SUBJECTS)
def test_a_pattern_covers_another_only_if_it_matches_all_that_the_other_does(one: str, two: str, subject: str) -> None:
    if covers(one, two) and covers(two, subject):
        assert covers(one, subject)
    assert covers(one, one)
    assert covers(">", one)
