"""How StoryForge runs. `local/` is one machine with embedded servers."""
