"""Ears of the embedded live model: utterances to text, offline, in worker processes."""
