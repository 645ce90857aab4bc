"""Files of other formats, as the JSON that they say."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Final

from ruamel.yaml import YAML


def read_yaml(data: bytes) -> object:
    """As YAML 1.2 has it, but for dates, which are texts in JSON."""
    reader = YAML(typ="safe", pure=True)
    reader.Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    return reader.load(data)


def written(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def referring_to_json(value: object) -> object:
    match value:
        case dict():
            return {
                name: each.replace(".yaml", ".json")
                if name == "$ref" and isinstance(each, str)
                else referring_to_json(each)
                for name, each in value.items()
            }
        case list():
            return [referring_to_json(each) for each in value]
        case _:
            return value


READERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    ".json": lambda data: written(json.loads(data)),
    ".toml": lambda data: written(tomllib.loads(data.decode())),
    ".yaml": lambda data: written(read_yaml(data)),
    ".yml": lambda data: written(read_yaml(data)),
}
