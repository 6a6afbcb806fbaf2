"""Files that people bring to a project: uploads, what they are, what is made of them, and when they go."""
