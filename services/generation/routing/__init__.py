"""Which model makes what: one pure decision with its reasons, what is measured for it, and what follows a failure.

Not the calls themselves (`services.generation.providers`), and not when a step runs (`services.runs`).
"""
