"""What `streamworker explain` tells: of a problem's code, its page; of an event, what the contract makes of it, and what it costs."""
