"""`streamworker schema`."""

from __future__ import annotations

from importlib.resources import files

from streamworker_codegen.terminal import OutputOption, put


def schema(output: OutputOption = None) -> None:
    """Print the JSON Schema of schemas/pipeline.yaml, by which editors complete and check it.

    Put it beside the file (-o schemas/pipeline.schema.json) and begin the file with the line
    `# yaml-language-server: $schema=pipeline.schema.json`.
    """
    put(pipeline_schema_text(), output)


def pipeline_schema_text() -> str:
    return files("streamworker_codegen").joinpath("pipeline.schema.json").read_text("utf-8")
