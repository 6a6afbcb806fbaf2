"""Who somebody is and what they may do: roles, keys, tokens, tickets and membership.

No HTTP and no sockets here: the doors translate these errors into their own answers.
"""
