"""The events of the job as plain pydantic models, for contestants without a schema of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sensor = Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
Status = Literal["ok", "warning", "failed"]


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")
    building: Annotated[str, Field(max_length=40)]
    floor: int
    room: Annotated[str, Field(max_length=40)]


class Reading(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sensor: Sensor
    number: Annotated[int, Field(ge=0)]
    celsius: Annotated[float, Field(ge=-273.15)]
    humidity: Annotated[float, Field(ge=0, le=100)]
    place: Place
    status: Status
    note: Annotated[str, Field(max_length=1_000_000)] = ""


class Alert(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sensor: Sensor
    number: Annotated[int, Field(ge=0)]
    kelvin: Annotated[float, Field(ge=0)]
    place: Place
    status: Status
    note: Annotated[str, Field(max_length=1_000_000)] = ""
