"""Whoever takes the money for credits: one interface, Stripe, and a form of our own where no money moves."""
