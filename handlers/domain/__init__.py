"""What the recorder decides. Pure: no NATS, no HTTP, no clock; `ports` names what it needs from outside."""
