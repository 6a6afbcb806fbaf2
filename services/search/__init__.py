"""Finding scenes, shots and markers of a project by their words."""
