"""The frames of each dialect, bytes to messages and back (PROTOCOL.md). No state and no judgement."""
