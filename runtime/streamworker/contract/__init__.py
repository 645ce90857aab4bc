"""Contracts: the types that generated models are made of, and the exact way between bytes and events."""

from streamworker.contract.assertions import Asserts
from streamworker.contract.contracts import Contract, Contracts
from streamworker.contract.json_values import Json
from streamworker.contract.literals import Exact
from streamworker.contract.model import Event, Omittable, Part
from streamworker.contract.timestamp import Timestamp

__all__ = ["Asserts", "Contract", "Contracts", "Event", "Exact", "Json", "Omittable", "Part", "Timestamp"]
