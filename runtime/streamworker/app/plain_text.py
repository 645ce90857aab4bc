"""Text that may hold anything, made safe for a terminal and a log: what was sent from outside never steers the one or forges a line of the
other."""

from __future__ import annotations

import json


def shown(text: str) -> str:
    """Text in one line, with everything that could steer a terminal escaped."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def shown_lines(text: str) -> str:
    """Text of several lines, each of them shown; all but the first are indented."""
    if text.isprintable():
        return text
    first, *others = map(shown, text.split("\n"))
    return "\n".join([first, *(line if line.startswith(" ") or not line else f"  {line}" for line in others)])


def shown_json(value: object) -> str:
    """A value as one line of JSON that is printable throughout."""
    text = json.dumps(value, ensure_ascii=False)
    return (
        text if text.isprintable() else "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)
    )
