"""Runs as graphs of steps: what follows what, who does it when, what is done already. Not what a step makes."""
