"""Gestures on the server: lists of them as one edit, the film and the story that are seen, and repairs written back."""
