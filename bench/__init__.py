"""Benchmarks: they print numbers and judge nothing. Machines are noisy: read the ratios."""
