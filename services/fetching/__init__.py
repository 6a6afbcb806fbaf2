"""Fetching what somebody else's address names, without becoming their way into our network.

What is done with the bytes belongs to whoever asks.
"""
