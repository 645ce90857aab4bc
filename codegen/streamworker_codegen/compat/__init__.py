"""Whether a change of the contract breaks who reads it: see docs/evolution.md."""
