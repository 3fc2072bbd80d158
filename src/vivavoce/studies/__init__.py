"""Collecting what people say, reading it, and asking panels. The shell around `panel`."""
