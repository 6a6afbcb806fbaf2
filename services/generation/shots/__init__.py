"""The shots of a final: what is wanted of a model, who makes it, and how a result becomes a clip of ours."""
