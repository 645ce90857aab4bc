"""What the recorder talks to: mirakc, the web, its buckets. Each class plays a role of `domain.ports`."""
