"""Brains: how a kind of film looks and moves, as plain data with versions.

Not a model and not a prompt library: palettes, colour decisions, lenses and shot mixes that other rooms read.
"""
