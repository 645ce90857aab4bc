"""A mirakc that was never there: its event feed, its API and the web around it, made up from a seed.

`python -m tests.simulator --help` says what can be chosen. It keeps a log of every frame that it sent, each with what a reader must
make of it, so that whatever a pipeline did can be compared with what it was told.
"""
