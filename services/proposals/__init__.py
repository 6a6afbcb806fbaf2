"""Refused edits: kept, shown to those who may edit, taken in or dismissed (consistency.md C6)."""
