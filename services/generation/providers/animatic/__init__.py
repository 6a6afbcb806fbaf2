"""`local-animatic`: storyboard panels, a moving camera and a voice, made on this machine without a network.

Not a model that imagines: it draws what the prompt names, in the brain's colours, the same way every time.
"""

NAME = "local-animatic"
VERSION = 2
"""Counted up whenever the same request would give another picture: step keys and takes name it."""
