"""Scenes as queries and commands: rows that follow the storyboard document, and edits made in it for REST clients.

The document is the truth; people in the studio edit it directly through the hub.
"""
