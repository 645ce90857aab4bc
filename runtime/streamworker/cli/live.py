"""`python -m streamworker.cli.live`: what the compiler asks of a server. A question as JSON on standard input, findings as lines of JSON on
standard output; the server is the one that the environment names, as for `run`. Nothing is changed there.

`{"ask": "survey", "project": DIR}`: each line a `Finding` of `engine/survey.py`.
`{"ask": "stored", "project": DIR, "contract": FILE, "count": N, "wanted": [{"stream", "subject", "event"}, ...]}`: each line a `Looked` of
`engine/stored.py`.
`{"error": {"what", "mend"}}` is the last line where it ended early.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from streamworker.app.load import load_pipeline
from streamworker.app.place import Place
from streamworker.cli.reached import reached
from streamworker.contract import Contracts
from streamworker.engine.stored import Wanted, look
from streamworker.engine.survey import survey
from streamworker.errors import StreamworkerError

Question = Mapping[str, Any]  # JSON


def main() -> None:
    question = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what handlers print while they are imported is no answer
        try:
            asyncio.run(_answer(question, answers))
        except StreamworkerError as error:
            what, _, mend = str(error).partition("\n  ")
            _put(answers, {"error": {"what": what, "mend": mend}})


async def _answer(question: Question, answers: TextIO) -> None:
    place = Place(project=Path(question["project"]))
    findings = {"survey": _survey, "stored": _stored}[question["ask"]]
    async for each in findings(question, place):
        _put(answers, each)


async def _survey(_question: Question, place: Place) -> AsyncIterator[object]:
    pipeline = load_pipeline(place.project)
    async with reached(place) as connection:
        for each in await survey(connection, pipeline):
            yield asdict(each)


async def _stored(question: Question, place: Place) -> AsyncIterator[object]:
    wanted = [Wanted(**each) for each in question["wanted"]]
    contracts = Contracts(Path(question["contract"]))
    async with reached(place) as connection:
        async for each in look(connection, contracts, wanted, question["count"]):
            yield asdict(each)


def _put(answers: TextIO, line: object) -> None:
    answers.write(json.dumps(line, ensure_ascii=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
