"""The shapes of events: flat, named, and with what a model can't hold noted."""
