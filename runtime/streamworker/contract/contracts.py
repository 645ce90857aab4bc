"""`generated/contract.json`: the schemas that events are held to, read on first use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema_rs import ReferencingError, Registry, Validator, validator_for

from streamworker.errors import ConfigurationError


class Contracts:
    """All contracts of a project. Making it reads nothing.

    What is asked of it raises ConfigurationError where the file is missing or broken, or lacks what is asked for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, file: str) -> Contracts:
        """Those of the `contract.json` that lies beside `file`."""
        return cls(Path(file).with_name("contract.json"))

    def __getitem__(self, name: str) -> Contract:
        """The contract of the class of this name; it is looked for when it is used."""
        return Contract(self, name)

    @property
    def version(self) -> str:
        """The hash of all of it."""
        return str(self._bundle.get("version", ""))

    def entry(self, name: str) -> dict[str, Any]:  # JSON
        """What is said of a class: `schema`, `sound`, `hash`."""
        for kind in ("events", "values"):
            if name in self._bundle[kind]:
                return dict(self._bundle[kind][name])
        raise self._unusable(f"no contract of {name}")

    def validator(self, schema: str) -> Validator:
        """The judge of a schema, `<uri>#<JSON pointer>`, formats asserted. It takes Python values: a str is judged as a JSON text, and
        bytes raise."""
        try:
            document = self._bundle["documents"][schema.partition("#")[0]]
            dialect = {"$schema": document["$schema"]} if isinstance(document, dict) and "$schema" in document else {}
            target = {**dialect, "$ref": schema}
            return validator_for(target, registry=self._registry, validate_formats=True, offline=True)
        except (KeyError, ValueError, ReferencingError) as error:
            raise self._unusable(f"no usable schema {schema}") from error

    @cached_property
    def _registry(self) -> Registry:
        return Registry(list(self._bundle["documents"].items()))

    @cached_property
    def _bundle(self) -> dict[str, Any]:  # JSON
        try:
            return {"documents": {}, "events": {}, "values": {}, **json.loads(self._path.read_bytes())}
        except (OSError, ValueError, TypeError) as error:
            raise self._unusable(str(error)) from error

    def _unusable(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"{self._path.name}: {problem}", hint="run `streamworker generate`")


@dataclass(frozen=True)
class Contract:
    """The contract of one event or bucket value, by the name of its class. Its properties raise ConfigurationError where it is not
    bundled."""

    contracts: Contracts
    name: str

    @property
    def sound(self) -> bool:
        """Whether its model accepts nothing that its schema refuses, so that it may accept by itself."""
        return bool(self._entry["sound"])

    @property
    def repeats(self) -> int:
        """How often each level of a value multiplies the looks that telling its errors takes at what lies below."""
        return int(self._entry.get("repeats", 1))

    @property
    def hash(self) -> str:
        """The hash of its schema and all that it refers to, by which replicas tell whether they have the same."""
        return str(self._entry["hash"])

    @cached_property
    def validator(self) -> Validator:
        """What its schema says. Compiled on first use."""
        return self.contracts.validator(str(self._entry["schema"]))

    @cached_property
    def _entry(self) -> dict[str, Any]:  # JSON
        return self.contracts.entry(self.name)
