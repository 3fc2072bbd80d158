"""The client of a live model: `backend` (which one, with what credential), `setup` (what it is told first), `link` (one
connection).
"""
