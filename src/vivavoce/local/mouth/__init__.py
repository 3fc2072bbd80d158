"""Mouth of the embedded live model: sentences to 24 kHz sound."""
