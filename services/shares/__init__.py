"""Share links: how somebody without an account reviews a project, as a guest whom the link names.

What a guest may do is decided in `services/users/access.py`, from the link's flags.
"""
