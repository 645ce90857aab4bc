"""The TV recorder: one module a worker, `domain` for what it decides, `infrastructure` for what it talks to."""
