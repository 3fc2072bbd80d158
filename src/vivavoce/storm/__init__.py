"""Thousands of bad calls: what a talk survives, in virtual time and over real sockets, counted and shrunk."""
