"""Timelines on the server: gestures over REST, the film that is seen, and repairs written back."""
