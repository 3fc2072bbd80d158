"""Who fills in ballots: the reasoner, language models."""
