"""What a prompt says, read into slots that can be compared: who does what to whom, camera, lens, time, quotes.

No language model and no vectors: rules and a lexicon of film words, so that two readings can be told apart and why.
"""
