"""Generations: runs that turn a scene into a take, their rules and the providers that make the pictures.

Not the worker that drives them (`jobs/`) and not the doors that ask for them.
"""
