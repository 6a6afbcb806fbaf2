"""Adapters to whatever makes pictures and sound: one that is built in, behind `interface.py`, and remote ones behind
`port.py`.

Nothing here knows about runs, leases or documents.
"""
