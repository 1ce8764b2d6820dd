"""The quality counts of one document in plain Python: slow, read at a glance, and the oracle of the fast ones.

Written from the definitions alone, with `unicodedata` and `re`, so that it shares no table with `checks.signs`.
"""

import re
import unicodedata

_RANGES = {
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "kana": "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f",
    "hangul": "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc",
    "thai": "\u0e00-\u0e7f",
}
_SCRIPT = {name: re.compile(f"[{points}]") for name, points in _RANGES.items()}
_CJK_PUNCT = re.compile("[\u3000-\u303f\u30fb\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef]")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LEADS_OF_MORE = "\u00e0-\u00f4"
_SOFT = "\u00a0«»‹›‘’‚“”„…–—•™®°·"
_1252 = "".join(bytes([b]).decode("cp1252", "replace") for b in range(0x80, 0xC0))  # U+FFFD for what 1252 has not
_HARD = "".join(c for c in sorted({*_1252, *map(chr, range(0x80, 0xC0))}) if c not in _SOFT)
_MOJIBAKE = re.compile(
    f"(?=[ÂÃÐÑ][{_HARD}]|锟斤|烫烫烫|屯屯屯|[{_LEADS_OF_MORE}](?:[{_HARD}][{_HARD}{_SOFT}]|[{_SOFT}][{_HARD}]))"
)

COUNTED = (
    "lower", "upper", "letters", "digits", "han", "kana", "hangul", "thai", "ascii_punct", "cjk_punct", "other_punct",
    "symbols", "format", "bad", "spaces", "newlines",
)  # fmt: skip
_OF_A_RUN = ("lower", "upper", "letters", "digits")
_TERMS = ("han", "kana", "hangul", "thai")


def count(text: str | bytes) -> dict[str, int]:
    """Every column of the quality check for one text; each longest ill-formed part of bytes counts as one U+FFFD."""
    if isinstance(text, bytes):
        return {**count(text.decode("utf-8", "replace")), "bytes": len(text)}
    classes = [class_of(char) for char in text]
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    fresh_runs = sum(
        1 for i, name in enumerate(classes) if name in _OF_A_RUN and (i == 0 or classes[i - 1] not in _OF_A_RUN)
    )
    return {
        "bytes": len(text.encode()),
        "chars": len(text),
        "lines": len(lines),
        "inked_lines": sum(any(class_of(char) != "spaces" for char in line) for line in lines),
        "words": fresh_runs + sum(name in _TERMS for name in classes),
        **{name: classes.count(name) for name in COUNTED},
        "mojibake": len(_MOJIBAKE.findall(text)),
    }


def class_of(char: str) -> str:
    """The class of one character; the first rule that fits decides."""
    category = unicodedata.category(char)
    if char == "\n":
        return "newlines"
    if char in "\t\r\v\f\x85" or category[0] == "Z":
        return "spaces"
    if char in "\ufffd\ufeff\u200b" or category in ("Cc", "Co", "Cs", "Cn"):
        return "bad"
    if _SELECTOR.match(char) or category == "Cf":
        return "format"
    if char in "々〇":
        return "han"
    if category[0] == "L" or category in ("Mn", "Mc"):
        if char.isascii():
            return "lower" if category == "Ll" else "upper"
        return next((name for name, script in _SCRIPT.items() if script.match(char)), "letters")
    if category == "Nd":
        return "digits"
    if char.isascii():
        return "ascii_punct"
    if category[0] == "P":
        return "cjk_punct" if _CJK_PUNCT.match(char) else "other_punct"
    return "symbols"
