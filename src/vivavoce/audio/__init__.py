"""Sound as numbers: PCM16 frames, levels, resampling, speech gates and the two-track timeline.

Pure: no loop, no clock, no file.
"""
