"""The world of a call in virtual time: a person, their machine, servers and a live model, and what really happened."""
