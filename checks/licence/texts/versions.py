"""Which version of the GNU licences a passage means, and whether later ones too: read from the words, not from the likeness.

Two notices that differ in "either version 2 … or (at your option) any later version" alone are as like as two copies of
one, so likeness names the family and the passage's own words the rest.
"""

import re
from typing import Final

_GNU: Final = re.compile(r"\A(AGPL|LGPL|GPL|GFDL)-([0-9]\.[0-9])-(only|or-later)((?: WITH [A-Za-z0-9.+-]+)?)\Z")
_MARKS: Final = re.compile(r"[^\w.+()]+")
_LATER: Final = re.compile(
    r"\b(?:any|or|and) (?:(?:\(? ?at your (?:option|choice) ?\)?|the) )?(?:any )?(?:later|newer|subsequent|higher)\b"
    r"|\b[1-3](?:\.[0-9])? ?\+|\blater versions?\b|\bor above\b"
    r"|(?:更新|更高|以后|之后|其后|后续|以上|任何新)的?(?:任何|任意)?的?版本|版本以[后上]",
    re.IGNORECASE,
)
_VERSION: Final = re.compile(
    r"\b(?:version|versions|v\.?|licen[cs]e|gpl|第) ?v?\.?([1-3](?:\.[0-9])?)(?![0-9])|\b[al]?gpl[ v]*([1-3](?:\.[0-9])?)\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"\b(?:gnu )?(lesser |library |affero |gnu |the )?(?:gnu )?general public", re.IGNORECASE)
_JOINED: Final = re.compile(r" (?:AND|OR) ")
_LEAST: Final = {"GPL": "1.0", "LGPL": "2.0", "AGPL": "1.0", "GFDL": "1.1"}
_NAMES: Final = {"lesser ": "LGPL", "library ": "LGPL", "affero ": "AGPL"}
_COMMONS: Final = re.compile(r"\ACC-BY(?:-NC)?(?:-ND|-SA)?-([1-4]\.[05])\Z")
_TITLE: Final = re.compile(
    r"\bAttribution((?: ?(?:Non ?Commercial|Share ?Alike|No ?Deriv(?:ative)?s(?: Works)?))*) ([1-4]\.[05]) (?:International|Unported|Generic)",
    re.IGNORECASE,
)
_KNOWN: Final = {
    "GPL": {"1": "1.0", "1.0": "1.0", "2": "2.0", "2.0": "2.0", "3": "3.0", "3.0": "3.0"},
    "LGPL": {"2": "2.0", "2.0": "2.0", "2.1": "2.1", "3": "3.0", "3.0": "3.0"},
    "AGPL": {"1": "1.0", "1.0": "1.0", "3": "3.0", "3.0": "3.0"},
    "GFDL": {"1.1": "1.1", "1.2": "1.2", "1.3": "1.3"},
}  # fmt: skip


def family(licence: str) -> str | None:
    """``GPL``, ``LGPL``, ``AGPL`` or ``GFDL`` of an id with a version; None for all else."""
    found = _GNU.match(licence)
    return found[1] if found else None


def resolved(licence: str, passage: str, around: str, sure: bool) -> str:
    """*licence* with the name, version and -only or -or-later that *passage* gives; as it is where it is of no such family.

    *around*: the passage and a few words on either side, where version and "or later" may stand. *sure*: the passage is word
    for word what is listed; where it is not and names no version, the version is what it lacks, and the licence is that of
    any (GPL-1.0-or-later and its like). A choice among versions of which the passage names one alone is that one.
    """
    parts = [_GNU.match(part) for part in _JOINED.split(licence)]
    found = parts[0]
    if found is None or not all(part is not None and part[1] == found[1] for part in parts):
        return licence
    name, version, _, rest = found.groups()
    words, beside = _MARKS.sub(" ", passage), _MARKS.sub(" ", around)
    named = _NAME.search(words) or (None if sure else _NAME.search(beside))
    if named is not None and name != "GFDL":
        name = _NAMES.get((named[1] or "").lower(), "GPL")
    stated = _stated(name, words) or _stated(name, beside)
    if len(parts) > 1 and len(stated) != 1:
        return licence
    if not stated:
        return licence if sure else f"{name}-{_LEAST[name]}-or-later{rest}"
    if len(stated) == 1 or version not in stated:
        version = stated[0]
    return f"{name}-{version}-{'or-later' if _LATER.search(beside) else 'only'}{rest}"


def is_vague(licence: str, around: str) -> bool:
    """Whether *licence* is a GNU one and the words around it name no version: then any other word on it says more."""
    found = _GNU.match(licence)
    return found is not None and not _stated(found[1], _MARKS.sub(" ", around))


def _stated(name: str, words: str) -> list[str]:
    """The versions of *name* that *words* name, each once, in their order."""
    found = (_KNOWN[name].get(m[1] or m[2]) for m in _VERSION.finditer(words))
    return [version for version in dict.fromkeys(found) if version is not None]


def commons(licence: str, passage: str) -> str:
    """*licence*, or where it is a Creative Commons one by name what the title in *passage* says: their texts differ in little."""
    found = _COMMONS.match(licence)
    title = _TITLE.search(_MARKS.sub(" ", passage)) if found else None
    if found is None or title is None:
        return licence
    terms = title[1].lower()
    parts = [
        part for part, mark in (("NC", "nonc"), ("ND", "noder"), ("SA", "share")) if mark in terms.replace(" ", "")
    ]
    return "-".join(["CC-BY", *parts, title[2]])
