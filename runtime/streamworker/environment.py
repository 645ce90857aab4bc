"""Variables in texts of the contract: `${NAME}` has to be set, `${NAME:-default}` need not be. A leaf: imports errors alone.

As in a shell, a variable that is set and empty takes the default; without one, it counts as missing. There is no escape: `$` before
anything but `{` is itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from streamworker.errors import ConfigurationError

_REFERENCE = re.compile(r"\$\{(?P<inside>[^}]*)(?P<end>\}?)")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)


class Expansion:
    """Replaces variables, and remembers those that are missing, with their places, so that all are reported at once."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._missing: dict[str, list[str]] = {}

    def text(self, where: str, text: str) -> str:
        """`text` with its variables replaced; a missing one becomes nothing here, and an error of `check`.

        Raises ConfigurationError where a reference is malformed.
        """
        return _REFERENCE.sub(lambda found: self._replace(where, found), text)

    def fields(self, where: str, fields: Mapping[str, object]) -> dict[str, object]:
        """A JSON object with the variables of every text in its values replaced, however deep."""
        return {name: self._value(f"{where}.{name}", value) for name, value in fields.items()}

    def check(self) -> None:
        """Raises ConfigurationError if a variable was missing: names all of them, and where each is used."""
        if not self._missing:
            return
        names = sorted(self._missing)
        lines = [f"  {name}  used by {', '.join(self._missing[name])}" for name in names]
        plural = "variables are" if len(names) > 1 else "variable is"
        raise ConfigurationError(
            "\n".join([f"{len(names)} environment {plural} not set:", *lines]),
            hint=f"set {' and '.join(names)}, or give a default in the pipeline file: ${{{names[0]}:-…}}",
        )

    def _value(self, where: str, value: object) -> object:
        if isinstance(value, str):
            return self.text(where, value)
        if isinstance(value, Mapping):
            return self.fields(where, value)
        if isinstance(value, list | tuple):
            return [self._value(where, each) for each in value]
        return value

    def _replace(self, where: str, found: re.Match[str]) -> str:
        reference = _INSIDE.fullmatch(found["inside"])
        if reference is None or not found["end"]:
            raise ConfigurationError(f"{where}: {found[0]} is not a variable", hint="write ${NAME} or ${NAME:-default}")
        name, default = reference["name"], reference["default"]
        if value := self._variables.get(name):
            return value
        if default is None:
            places = self._missing.setdefault(name, [])
            if where not in places:
                places.append(where)
        return default or ""


def expand(where: str, text: str, variables: Mapping[str, str]) -> str:
    """`text` with its variables replaced. Raises ConfigurationError, which names `where`, if one is missing or malformed."""
    expansion = Expansion(variables)
    expanded = expansion.text(where, text)
    expansion.check()
    return expanded
