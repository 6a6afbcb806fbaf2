"""What stays the same from scene to scene: so far the characters of a project.

Which of them are in a scene is said in the storyboard document.
"""
