"""The worker door: arq wakes it, rows and leases tell it what to do."""
