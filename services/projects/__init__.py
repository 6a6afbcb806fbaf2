"""Projects: what a team works on, who belongs to it, and its two documents.

What is inside the documents belongs to `scenes` and to the hub.
"""
