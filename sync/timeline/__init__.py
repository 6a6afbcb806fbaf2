"""The timeline document: as the server creates it, as everybody reads it, and the gestures that change it.

Whatever people did at once, `resolve` shows the same film everywhere, and says what has to be written so that the
document says it too (documents.md A3, A4; decision 0016).
"""
