"""Mail that the studio sends: rows that wait for it, and whoever sends them.

What a mail says is written by the services whose it is, at the moment when it is sent.
"""
