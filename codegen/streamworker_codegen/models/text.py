"""Python literals and docstrings, as one would write them."""

from __future__ import annotations

import json
import re
import textwrap

_WIDTH = 116
_START = re.compile(r"\s*+(?!\|)(?:(?:[-*]|\d+\.)\s+)?")


def literal(value: object) -> str:
    """A Python literal in double quotes, the same on every run."""
    match value:
        case str():
            return _string(value)
        case list() | tuple():
            inner = ", ".join(map(literal, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case dict():
            return "{" + ", ".join(f"{literal(name)}: {literal(each)}" for name, each in value.items()) + "}"
        case _:
            return repr(value)


def docstring(text: str, indent: int = 4) -> list[str]:
    """The lines of a docstring; none for no text."""
    lines = [line for paragraph in text.strip().splitlines() for line in _wrapped(paragraph.rstrip(), indent)]
    if not lines:
        return []
    margin = " " * indent
    escaped = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    if len(escaped) == 1:
        ends = f'{escaped[0][:-1]}\\"' if escaped[0].endswith('"') and not escaped[0].endswith('\\"') else escaped[0]
        return [f'{margin}"""{ends}"""']
    return [f'{margin}"""{escaped[0]}', *(f"{margin}{line}".rstrip() for line in escaped[1:]), f'{margin}"""']


def _wrapped(line: str, indent: int) -> list[str]:
    """Not a row of a table; what goes on stands below the first word of a list's item."""
    start = _START.match(line)
    if len(line) + indent <= _WIDTH or start is None:
        return [line]
    below = " " * len(start[0])
    return textwrap.wrap(line, _WIDTH - indent, subsequent_indent=below, break_long_words=False, break_on_hyphens=False)


def _string(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if value.count('"') > value.count("'"):  # as ruff does: the quotes that need fewer escapes
        text = "'" + text[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    # JSON leaves what is not printable beyond ASCII; Python's repr escapes it.
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
