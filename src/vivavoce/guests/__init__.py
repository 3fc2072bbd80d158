"""Simulated callers, who talk to an agent over the real caller protocol, in real time and with real audio."""
