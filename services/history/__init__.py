"""The past of a document: its content at any sequence, what changed, who did it, and the way back."""
