"""Reading: of what niche and kind an insight is, how somebody feels about it, and whether it can be used at all."""

from vivavoce.panel.reading.niches import NICHES, Niche
from vivavoce.panel.reading.reader import READER, Reader

__all__ = ["NICHES", "READER", "Niche", "Reader"]
