"""What a run need not make: steps that were made before, takes that show the same, scenes that were prepared."""
