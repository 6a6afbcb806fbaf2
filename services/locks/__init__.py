"""Locks and approvals of scenes, and what becomes of an edit that a lock has overtaken (consistency.md C17)."""
