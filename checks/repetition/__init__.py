"""Lines and paragraphs that come again: counted here by a hash of their folded terms, found repeated over the whole run later.

A line ends at a line feed; a paragraph is a run of lines that show something. White space, case, width and punctuation do
not matter, so a paragraph that was wrapped anew counts as the same. Hashes of 64 bits without a key: whoever holds a text
can tell whether it is among them, and two texts of one hash can be made on purpose; nobody can read a text out of them.
"""

from checks.repetition.check import LINE, PARAGRAPH, Repetition

__all__ = ["LINE", "PARAGRAPH", "Repetition"]
