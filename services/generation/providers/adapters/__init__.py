"""Adapters to remote providers, one file each behind `port.py`, on plain httpx.

No provider's own library: they repeat paid submissions, or wait inside the process. Rows are not known here.
"""
