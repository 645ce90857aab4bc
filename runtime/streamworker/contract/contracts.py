"""`generated/contract.json`: the schemas that events are held to, read on first use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

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
    """The contract of one event or bucket value, by the name of its class."""

    contracts: Contracts
    name: str

    @property
    def hash(self) -> str:
        """The hash of its schema, by which replicas tell whether they have the same. Raises ConfigurationError where it is not bundled."""
        bundle = self.contracts.bundle
        known = {**bundle.get("events", {}), **bundle.get("values", {})}
        if self.name not in known:
            raise ConfigurationError(f"contract.json has no {self.name}", hint="run `streamworker generate`")
        return str(known[self.name]["hash"])
