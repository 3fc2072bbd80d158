"""What the reasoner is worth, on texts and choices of real people: `python -m bench.reasoner WHAT --data DIR`."""
