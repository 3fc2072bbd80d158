"""The synthetic focus group, as far as it is pure: what people said, who is on the panel, how it votes.

Nothing here reads a file, a clock or a network; chance is a `random.Random` that is handed in.
"""
