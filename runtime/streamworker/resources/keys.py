"""Keys of a bucket: a template such as `{tuner}.{programId}`, and the tokens that fill it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from streamworker.errors import NeverStored

LONGEST = 900
"""Characters of a key: with what stands around it, it stays within the 4,096 bytes that a server takes for a control line."""

Token: TypeAlias = str | int
"""What fills a token: an integer in decimal, a text as it is."""

# The alphabet that every NATS client takes (ADR-8, "Key-Value Stores": limited-term and the rules on keys).
_ALLOWED = re.compile(r"[-/_=A-Za-z0-9]+")
_SHOWN = 100
_TOKEN = re.compile(r"\{([^{}]+)\}")


class KeyTemplate:
    """A key template, ready to fill. `tokens` are its names, in order."""

    def __init__(self, bucket: str, template: str) -> None:
        self._bucket = bucket
        self._template = template
        self.tokens = tuple(_TOKEN.findall(template))
        literals = (re.escape(literal) for literal in _TOKEN.split(template)[::2])
        self._pattern = re.compile("([^.]+)".join(literals))

    def key(self, tokens: Mapping[str, Token]) -> str:
        """The key for all of the template's tokens.

        Raises TypeError for a token that is missing or not in the template, NeverStored for a value that no key can hold.
        """
        self._check_names(tokens)
        if missing := [name for name in self.tokens if name not in tokens]:
            raise TypeError(f"the key of {self._bucket} also needs {', '.join(missing)}: it is {self._template}")
        key = _TOKEN.sub(lambda found: self._text(found[1], tokens[found[1]]), self._template)
        if len(key) > LONGEST:
            raise NeverStored(
                f"bucket {self._bucket}: a key of {len(key):,} characters",
                hint=f"a key has at most {LONGEST}; hash what may be longer",
            )
        return key

    def filter(self, tokens: Mapping[str, Token]) -> str:
        """What keys with these tokens have in common, with a wildcard for every part that holds another token."""
        self._check_names(tokens)
        return ".".join(self._part(part, tokens) for part in self._template.split("."))

    def parse(self, key: str) -> dict[str, str] | None:
        """The tokens of a key, as text; None for a key that is not of this template."""
        found = self._pattern.fullmatch(key)
        return dict(zip(self.tokens, found.groups(), strict=True)) if found else None

    def _part(self, part: str, tokens: Mapping[str, Token]) -> str:
        names = _TOKEN.findall(part)
        if any(name not in tokens for name in names):
            return "*"
        return _TOKEN.sub(lambda found: self._text(found[1], tokens[found[1]]), part)

    def _check_names(self, tokens: Mapping[str, Token]) -> None:
        if unknown := [name for name in tokens if name not in self.tokens]:
            raise TypeError(f"the key of {self._bucket} has no token {', '.join(unknown)}: it is {self._template}")

    def _text(self, name: str, value: Token) -> str:
        text = str(value)
        if isinstance(value, bool) or not _ALLOWED.fullmatch(text):
            raise NeverStored(
                f"bucket {self._bucket}: {_clipped(text)!r} can't be the token {name} of a key",
                hint="a token is made of A-Z, a-z, 0-9, '-', '_', '/' and '='; hash or encode what holds others",
            )
        return text


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
