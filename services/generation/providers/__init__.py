"""Adapters to whatever makes pictures and sound, one package each behind `interface.py`.

Nothing here knows about runs, leases or documents.
"""
