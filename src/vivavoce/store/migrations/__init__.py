"""Alembic's folder. Revisions are numbered, written by hand, and agree with the models (a test compares)."""
