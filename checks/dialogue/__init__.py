"""Fine-tuning records as dialogues: who speaks when, what is empty or unanswered, which answers are preferred to which."""

from checks.dialogue.check import ANSWER, CROSSED, PAIR, TEMPLATE, Dialogue

__all__ = ["ANSWER", "CROSSED", "PAIR", "TEMPLATE", "Dialogue"]
