"""The typed shot plan of a scene: what would be made, before anybody pays for it, and how it differs from what is said.

Expanded here by rules of coverage, or by a language model into the same shape. What people have set is never rewritten.
"""
