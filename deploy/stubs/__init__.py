"""Providers that are not: one faithful stub each, with scenarios, a clock of their own, and a count of what was paid.

Written from the providers' descriptions and not from our adapters, of which nothing is imported here.
"""
