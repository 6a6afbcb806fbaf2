"""The film of a timeline as its rows show it."""
