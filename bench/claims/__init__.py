"""What people say of a claim against what the panel makes of it (`python -m bench.claims --data DIR`)."""
