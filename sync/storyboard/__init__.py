"""The storyboard document: how everybody reads it, the gestures that change it, and what only the server writes.

Whatever people did at once, `resolve` shows the same story everywhere, and says what has to be written so that the
document says it too (documents.md A1, A4; decision 0019).
"""
