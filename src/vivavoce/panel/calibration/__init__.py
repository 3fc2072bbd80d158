"""How good predictions are, as plain figures: nothing here knows what was predicted. All is numpy, and the same numbers
give the same figures.
"""
