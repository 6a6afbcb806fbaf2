"""What a picture and its sounds still need to be a take: one raster and rate, a look, a mix, a loudness, and its parts.

Not the making of any of them: what comes in may be a stranger's file, and is read as one.
"""
