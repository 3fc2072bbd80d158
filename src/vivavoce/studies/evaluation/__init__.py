"""How good reading, groups and personas are on texts that people have labelled, beside what one gets without them."""

from vivavoce.studies.evaluation.evaluate import evaluate
from vivavoce.studies.evaluation.measures import Evaluation, Measure

__all__ = ["Evaluation", "Measure", "evaluate"]
