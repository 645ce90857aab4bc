"""`python -m streamworker.cli`, where the command itself is not on the path."""

from streamworker.cli.main import main

main()
