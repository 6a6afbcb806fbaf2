"""The HTTP door: REST, server-sent events, media, sign-in and the pages.

Rules that another door needs too live in `services/`.
"""
