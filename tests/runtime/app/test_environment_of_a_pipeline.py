"""Variables of the environment in a pipeline's texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker.app.environment import filled_in
from streamworker.environment import expand
from streamworker.errors import ConfigurationError
from streamworker.ingest.spec import SseSpec, TimerSpec
from streamworker.pipeline import Pipeline
from streamworker.resources import Http, Stream
from streamworker.subject import Subject

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
PLAIN = st.text().filter(lambda text: "${" not in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${HOST}/events", "http://tv/events"),
        ("${PORT:-40772}", "40772"),
        ("${EMPTY:-filled}", "filled"),
        ("${HOST:-unused}", "http://tv"),
        ("${EMPTY:-}", ""),
        ("${HOST}${HOST}", "http://tvhttp://tv"),
        ("$connection and $now", "$connection and $now"),
        ("a $ b {c} $$", "a $ b {c} $$"),
        ("${PORT:-a:-b}", "a:-b"),
    ],
)
def test_references_are_replaced(text: str, expected: str) -> None:
    assert expected == expand("here", text, {"HOST": "http://tv", "EMPTY": ""})


@pytest.mark.parametrize("text", ["${}", "${1ST}", "${A B}", "${OPEN", "${A-b}", "${A:=b}", "${${A}}"])
def test_a_malformed_reference_names_its_place(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^ingest.tv.sse: \$\{.* is not a variable"):
        expand("ingest.tv.sse", text, {"A": "a"})


@given(PLAIN)
def test_text_without_references_stays(text: str) -> None:
    assert text == expand("here", text, {})


@given(NAMES, st.text(min_size=1), PLAIN)
def test_what_a_variable_holds_is_not_expanded_again(name: str, value: str, around: str) -> None:
    around = around.removesuffix("$")
    assert around + value + around == expand("here", around + f"${{{name}}}" + around, {name: value})


def pipeline(**parts: object) -> Pipeline:
    dead_letters = Stream(name="DEAD", subjects=("dead.>",))
    return Pipeline(name="tv", streams=(), dead_letters=dead_letters, subjects=(), workers=(), **parts)  # type: ignore[arg-type]  # parts by name


SSE = SseSpec(
    name="mirakc",
    url="${MIRAKC_URL}/events",
    headers={"Authorization": "Bearer ${TOKEN}"},
    add={"source": {"tuner": "${TUNER:-tuner1}", "urls": ["${MIRAKC_URL}", 1, None]}, "at": "$now"},
    events={},
    id="{connection.id}-{connection.seq}",
)


def test_every_text_of_a_pipeline_is_filled_in() -> None:
    timer = TimerSpec(name="tick", every=1.0, subject=Subject.__new__(Subject))
    raw = pipeline(http=(Http(name="mirakc", url="${MIRAKC_URL}"),), ingests=(SSE, timer))

    filled = filled_in(raw, {"MIRAKC_URL": "http://tv", "TOKEN": "secret"})

    sse = filled.ingests[0]
    assert isinstance(sse, SseSpec)
    assert filled.http[0].url == "http://tv"
    assert sse.url == "http://tv/events"
    assert sse.headers == {"Authorization": "Bearer secret"}
    assert sse.add == {"source": {"tuner": "tuner1", "urls": ["http://tv", 1, None]}, "at": "$now"}
    assert sse.id == "{connection.id}-{connection.seq}"
    assert filled.ingests[1] is timer


def test_all_missing_variables_are_named_at_once_with_their_places() -> None:
    raw = pipeline(http=(Http(name="mirakc", url="${MIRAKC_URL}"),), ingests=(SSE,))

    with pytest.raises(ConfigurationError) as raised:
        filled_in(raw, {})

    assert str(raised.value) == (
        "2 environment variables are not set:\n"
        "  MIRAKC_URL  used by http.mirakc.url, ingest.mirakc.sse, ingest.mirakc.add.source.urls\n"
        "  TOKEN  used by ingest.mirakc.headers.Authorization\n"
        "  set MIRAKC_URL and TOKEN, or give a default in the pipeline file: ${MIRAKC_URL:-…}"
    )
