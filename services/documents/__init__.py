"""Documents as the server uses them: its own edits through the log, and their projections into SQL."""
