"""The worker door: wakes on arq, holds runs by leases, drives their stages, sweeps up what others dropped.

Not the rules of a run (`services.generation`) and not the making of pictures (its providers).
"""
