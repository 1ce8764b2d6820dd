"""The attribution list of a mixture as it may be published: by licence who is to be named, in Chinese and English."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from manifests.uses import Credit
from schemas.words import Words

_HEAD = "# 署名与许可 Attribution\n"
_CHANGED = "所列材料经过选择，并可能经过清洗、去标识化和去重。 The materials were selected, and may have been cleaned, redacted and deduplicated.\n"
_NOBODY = "没有来源的许可要求署名。 No licence of a source asks for attribution.\n"


def attribution(credits_: Sequence[Credit], duties: Mapping[str, Words]) -> str:
    """Markdown: licences in order of id, their sources in order of name, what the licence asks for.

    *duties*: key -> words, from the table. Holds names, owners and web addresses as the registry declares them, no paths.
    """
    if not credits_:
        return f"{_HEAD}\n{_NOBODY}"
    pages = [_HEAD, _CHANGED]
    ordered = sorted(credits_, key=lambda credit: (credit.licence, credit.name or credit.source, credit.source))
    for licence, same in groupby(ordered, key=lambda credit: credit.licence):
        listed = list(same)
        asked = sorted({duty for credit in listed for duty in credit.duties})
        pages.append(f"## {licence}\n")
        if listed[0].terms:
            pages.append(f"{listed[0].terms}\n")
        pages += [f"{words.zh}。 {words.en}.\n" for words in (duties[key] for key in asked if key in duties)]
        pages.append("\n".join(_line(credit) for credit in listed) + "\n")
    return "\n".join(pages)


def _line(credit: Credit) -> str:
    name = f"{credit.name} ({credit.source})" if credit.name else credit.source
    return f"- {name}" + (f", © {credit.owner}" if credit.owner else "")
