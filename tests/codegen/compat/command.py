"""`python -m tests.codegen.compat.command compat ...`: the commands of the compiler that compare."""

from __future__ import annotations

from streamworker_codegen.commands.compat import compat

from tests.codegen.command import app

if __name__ == "__main__":
    made = app()
    made.command()(compat)
    made()
