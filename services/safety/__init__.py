"""What may be asked for and what may be shown: a policy as versioned data, who judges by it, verdicts, appeals.

Not what a provider refuses by its own rules, and not who may do what in a project (`services.users.access`).
"""
