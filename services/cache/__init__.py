"""What was made before and may be used again: exactly the same, the same in meaning, components, and what comes next.

A cache answer is never for another tenant, model, brain, continuity state or safety policy (P13).
"""
