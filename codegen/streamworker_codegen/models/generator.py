"""The call of datamodel-code-generator. It needs nothing else of the compiler, so that a process of its own (`processes.py`) starts fast."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamworker_codegen.documents import Json


_PARTS: Final = tuple(
    f"datamodel_code_generator.{name}" for name in ("config", "parser.jsonschema", "model.pydantic_v2")
)


@dataclass(frozen=True)
class Job:
    """document: a schema with `$defs`. base, bases: of all classes, and of some by their keys in `$defs`. told: to our class template, beside
    what the generator knows, by the same keys. templates: their folder."""

    document: Mapping[str, Json]
    base: str
    bases: Mapping[str, str]
    told: Mapping[str, Mapping[str, Json]]
    templates: str

    def line(self) -> str:
        return json.dumps(vars(self)) + "\n"


def load() -> None:
    """The generator itself, with what it loads late: that takes a while, and nobody has to wait for it yet."""
    for name in _PARTS:
        import_module(name)


def generated(job: Job) -> str:
    """The source text of a job's classes and named types."""
    from datamodel_code_generator import generate
    from datamodel_code_generator.config import GenerateConfig
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    config = GenerateConfig(
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        schema_version="2020-12",
        base_class=job.base,
        base_class_map=dict(job.bases),
        extra_template_data=defaultdict(dict, {name: dict(each) for name, each in job.told.items()}),
        custom_template_dir=Path(job.templates),
        formatters=[],
        snake_case_field=False,
        use_double_quotes=True,
        use_annotated=True,
        field_constraints=True,
        use_standard_collections=True,
        use_union_operator=True,
        strict_nullable=True,
        disable_timestamp=True,
        enum_field_as_literal=LiteralType.All,
        collapse_root_models=False,
        use_type_alias=True,
        skip_root_model=True,
        strict_refs=True,
        allow_remote_refs=False,
        use_tuple_for_closed_arrays=True,
        use_exact_imports=True,
        settings_path=Path("/nonexistent"),
    )
    text = generate(dict(job.document), config=config)
    assert isinstance(text, str), "one document makes one module"
    return text


def main() -> None:
    """A job on each line of standard input, its text as JSON on a line of standard output; what the generator prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    gc.disable()
    load()
    for line in sys.stdin:
        answers.write(json.dumps(generated(Job(**json.loads(line)))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
