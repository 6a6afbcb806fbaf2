"""One machine: embedded PostgreSQL and Valkey, a supervisor and the `storyforge` command."""
