"""Samples of every event of the reference pipeline are decoded, and leave as they came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamworker.subject import Subject

from generated import subjects

SAMPLES = Path(__file__).parent / "samples"
SUBJECTS = {
    subject.name.partition(".{")[0]: subject for subject in vars(subjects).values() if isinstance(subject, Subject)
}
LINES = [(file.stem, line) for file in sorted(SAMPLES.iterdir()) for line in file.read_text().splitlines()]


def test_there_is_a_sample_of_every_subject_but_the_notice() -> None:
    assert {stem for stem, _ in LINES} == SUBJECTS.keys() - {"notice.epg.updated"}


@pytest.mark.parametrize(("stem", "line"), LINES)
def test_a_sample_is_decoded_and_leaves_as_it_came(stem: str, line: str) -> None:
    subject = SUBJECTS[stem]
    event = subject.decode(line.encode())
    assert type(event) is subject.event
    assert subject.encode(event) == line.encode()
    assert json.loads(subject.encode(event.model_copy())) == json.loads(line)
