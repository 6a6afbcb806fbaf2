"""Signing in through an outside OpenID Connect provider: StoryForge as its relying party.

No HTTP of our own here: the doors have the routes and the cookies.
"""
