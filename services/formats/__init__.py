"""Formats: the shapes that stories come in, as plain data with versions, and how a storyboard fits into one.

Not the raster of a picture (`services/projects/settings.py`), and no judge of quality.
"""
