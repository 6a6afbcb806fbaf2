"""Invitations to a project or a team: a mail with a token, and what becomes of it.

Who may invite is decided in `services/users/access.py`; how mail leaves the studio is `storage/mail.py`.
"""
