"""What server edits refuse.

DocumentsError
├── DocumentUnreadable      native code failed on what the log holds, or the log has a hole
└── EditTooBig
"""


class DocumentsError(Exception):
    """Base of everything that this package raises on purpose."""

    code = "documents"


class DocumentUnreadable(DocumentsError):
    """The document cannot be opened; its bytes are kept."""

    code = "document.unreadable"


class EditTooBig(DocumentsError):
    """One server edit may add at most EDIT_BYTES_MAX to the document."""

    code = "document.edit_too_big"
