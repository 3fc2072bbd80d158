"""Scripted faults: what goes wrong between a live model and its client, when, and how."""
