"""Service accounts: programs that belong to a team, and the keys by which they come in.

What a key opens is decided in `services/users/access.py`; how one is recognised is `services/users/api_keys.py`.
"""
