"""A phrase in both languages of every report; Chinese is the master text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same phrase in Chinese and in English."""

    zh: str
    en: str

    @classmethod
    def from_text(cls, text: str) -> "Words":
        """A name that is written the same way in both, e.g. ``demo-7B``."""
        return cls(text, text)

    def as_json(self) -> dict[str, str]:
        """``{"zh": …, "en": …}``."""
        return {"zh": self.zh, "en": self.en}
