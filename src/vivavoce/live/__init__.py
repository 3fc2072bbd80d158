"""The client of a live model: `backend` (which one, with what credential), `dialect` (what every protocol must offer),
`link` (one connection).
"""
