"""`make bench-echo`: who is heard while the agent speaks. Simulated rooms, and every gate in the same conversations."""
