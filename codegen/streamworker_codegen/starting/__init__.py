"""A project to begin with: written once, and the user's from then on."""
