"""The pipeline as a picture: what flows from where to where, in the languages that draw it."""
