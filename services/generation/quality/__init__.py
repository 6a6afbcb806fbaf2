"""How good a finished clip is, as far as numbers can honestly say it: measures with units, thresholds and sentences.

Not taste: what needs a model (beauty, likeness to the words, who a person is) is null until somebody plugs one in.
"""
