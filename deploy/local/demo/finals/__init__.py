"""`./dev demo generation`: a short of six scenes from prompts to takes, with providers that fail and workers that die.

The providers are the stubs (`deploy/stubs`), in the world's time; everything else is the studio as it is.
"""
