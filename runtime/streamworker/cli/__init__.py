"""The command `streamworker`. The runtime brings `run`, `dlq`, `permissions`, `provision` and `version`; others come by the entry-point group
`streamworker.commands`, the compiler's among them."""

from streamworker.cli.main import main

__all__ = ["main"]
