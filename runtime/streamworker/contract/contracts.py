"""`generated/contract.json`: the schemas that events are held to, read on first use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from streamworker.contract.validation import Validator
from streamworker.errors import ConfigurationError


class Contracts:
    """All contracts of a project. Reading one costs nothing until it is used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, file: str) -> Contracts:
        """Those of the `contract.json` that lies beside `file`."""
        return cls(Path(file).with_name("contract.json"))

    def __getitem__(self, name: str) -> Contract:
        return Contract(self, name)

    @cached_property
    def bundle(self) -> dict[str, Any]:  # JSON
        """Raises ConfigurationError where the file is missing or broken."""
        try:
            return dict(json.loads(self._path.read_bytes()))
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"cannot read {self._path.name}: {error}", hint="run `streamworker generate`"
            ) from error


@dataclass(frozen=True)
class Contract:
    """The contract of one event or bucket value, by the name of its class. Each property raises ConfigurationError where it is not
    bundled."""

    contracts: Contracts
    name: str

    @property
    def sound(self) -> bool:
        """Whether what its model accepts, its schema accepts too."""
        return bool(self._entry["sound"])

    @property
    def hash(self) -> str:
        """The hash of its schema, by which replicas tell whether they have the same."""
        return str(self._entry["hash"])

    @cached_property
    def validator(self) -> Validator:
        """What its schema says. Compiled on first use."""
        return Validator(self._entry["schema"], self.contracts.bundle["documents"])

    @cached_property
    def _entry(self) -> dict[str, Any]:  # JSON
        bundle = self.contracts.bundle
        for kind in ("events", "values"):
            if self.name in bundle[kind]:
                return dict(bundle[kind][self.name])
        raise ConfigurationError(f"contract.json has no {self.name}", hint="run `streamworker generate`")
