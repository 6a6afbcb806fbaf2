"""Teams: people, and programs of theirs, who get a role in a project together.

What a team's members may do in a project is decided in `services/users/access.py`.
"""
