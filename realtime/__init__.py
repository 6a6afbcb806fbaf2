"""The WebSocket door: connections, outboxes and the hub that performs the effects `sync` decides."""
