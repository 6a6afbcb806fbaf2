"""What reviewers decide about takes, scenes and cuts.

Rows and events, not documents: whoever may approve need not be able to edit.
"""
