"""The server against the contract: the runtime, in a process of its own, is asked; here it is told."""
