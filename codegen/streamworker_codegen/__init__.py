"""The compiler of streamworker: JSON Schemas and a pipeline file become typed events, workers and handler stubs."""


def early(command: str) -> None:
    """Called by the command line before anything else is loaded for a command that we bring."""
    if command in ("check", "generate"):
        from streamworker_codegen.early import load_generator

        load_generator()
