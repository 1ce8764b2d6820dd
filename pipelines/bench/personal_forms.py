"""The ways people write one value: plain, spaced, dashed, full-width, split by zero-width characters, with a country code."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from pipelines.bench import personal_values as values
from pipelines.bench.personal_values import MAKERS, Draw

ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"


class Written(NamedTuple):
    """A value as it stands in a text, and the name of the way it is written."""

    text: str
    form: str


def full_width(text: str) -> str:
    """ASCII letters, digits and signs as full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def split_by_zero_width(draw: Draw, text: str) -> str:
    """*text* with one to three zero-width characters inside."""
    chars = list(text)
    for at in sorted(draw.sample(range(1, len(text)), min(draw.randint(1, 3), len(text) - 1)), reverse=True):
        chars.insert(at, draw.choice(ZERO_WIDTH))
    return "".join(chars)


def grouped(text: str, sizes: tuple[int, ...], glue: str) -> str:
    """*text* cut into groups of *sizes* (the last takes what is left), joined by *glue*."""
    groups, at = [], 0
    for size in sizes:
        groups.append(text[at : at + size])
        at += size
    return glue.join(filter(None, [*groups, text[at:]]))


def _common(draw: Draw, value: str, sizes: tuple[tuple[int, ...], ...]) -> Written:
    way = draw.choices(("plain", "spaced", "dashed", "full-width", "zero-width"), (50, 16, 12, 12, 10))[0]
    if way == "spaced":
        return Written(grouped(value, draw.choice(sizes), " "), way)
    if way == "dashed":
        return Written(grouped(value, draw.choice(sizes), "-"), way)
    if way == "full-width":
        return Written(full_width(value), way)
    if way == "zero-width":
        return Written(split_by_zero_width(draw, value), way)
    return Written(value, way)


def _resident_id(draw: Draw) -> Written:
    written = _common(draw, values.resident_id(draw), ((6, 8), (6, 8), (6, 4, 4)))
    return written._replace(text=written.text.replace("X", "x").replace("Ｘ", "ｘ")) if draw.random() < 0.3 else written


def _old_resident_id(draw: Draw) -> Written:
    written = _common(draw, values.old_resident_id(draw), ((6, 6),))
    return written._replace(form=f"15 digits, {written.form}")


def _mobile(draw: Draw) -> Written:
    number = values.mobile(draw)
    if draw.random() < 0.25:
        code, glue = draw.choice(("+86", "0086", "86", "(+86)", "（+86）")), draw.choice(("", " ", "-"))
        body = draw.choice((number, grouped(number, (3, 4), " "), grouped(number, (3, 4), "-")))
        if code == "86" and not glue:
            glue = "-"
        return Written(f"{code}{glue}{body}", "country code")
    return _common(draw, number, ((3, 4), (3, 4), (3,), (7,)))


def _landline(draw: Draw) -> Written:
    area, number = values.landline(draw)
    whole = draw.choice((number, number, grouped(number, (len(number) - 4,), draw.choice(" -"))))
    way = draw.choices(
        ("dashed", "spaced", "brackets", "full-width", "zero-width", "country code"), (40, 15, 15, 10, 8, 12)
    )[0]
    if way == "dashed":
        return Written(f"{area}-{whole}", way)
    if way == "spaced":
        return Written(f"{area} {whole}", way)
    if way == "brackets":
        left, right = draw.choice(("()", "()", "（）"))
        return Written(f"{left}{area}{right}{draw.choice(('', '', ' '))}{number}", way)
    if way == "full-width":
        return Written(full_width(f"{area}-{number}"), way)
    if way == "zero-width":
        return Written(split_by_zero_width(draw, f"{area}-{number}"), way)
    return Written(draw.choice(("+86-{}-{}", "+86 {} {}", "0086-{}-{}", "+86-{}{}")).format(area[1:], number), way)


def _glued_landline(draw: Draw) -> Written:
    return Written("".join(values.landline(draw)), "no separator")


def _bank_card(draw: Draw) -> Written:
    return _common(draw, values.union_pay(draw), ((4, 4, 4, 4), (4, 4, 4, 4), (6,)))


def _world_card(draw: Draw) -> Written:
    return _common(draw, values.world_card(draw), ((4, 4, 4),))


def _uscc(draw: Draw) -> Written:
    written = _common(draw, values.uscc(draw), ((2, 6), (4, 4, 4, 4), (8, 9)))
    return written._replace(text=written.text.lower(), form="lower case") if draw.random() < 0.08 else written


def _plate(draw: Draw) -> Written:
    kind = draw.choices(("plain", "new energy", "special"), (60, 32, 8))[0]
    makers = {"plain": values.plate, "new energy": values.new_energy_plate, "special": values.special_plate}
    made = makers[kind](draw)
    way = draw.choices(
        ("", "dot", "spaced", "dashed", "full-width", "zero-width", "lower case"), (50, 14, 10, 6, 8, 6, 6)
    )[0]
    if way in {"dot", "spaced", "dashed"}:
        text = made[:2] + {"dot": draw.choice("·•"), "spaced": " ", "dashed": "-"}[way] + made[2:]
    elif way == "full-width":
        text = full_width(made)
    elif way == "zero-width":
        text = split_by_zero_width(draw, made)
    else:
        text = made.lower() if way else made
    return Written(text, kind if not way else f"{kind}, {way}")


def _document(maker: Callable[[Draw], str]) -> Callable[[Draw], Written]:
    """A letter or two and digits: the gap, where there is one, stands after the letters."""

    def made(draw: Draw) -> Written:
        value = maker(draw)
        letters = len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        return _common(draw, value, ((letters or 4,),))

    return made


def _hk_id(draw: Draw) -> Written:
    body, check = values.hk_id(draw)
    way = draw.choices(("brackets", "wide brackets", "bare"), (70, 15, 15))[0]
    return Written(
        {"brackets": f"{body}({check})", "wide brackets": f"{body}（{check}）", "bare": body + check}[way], way
    )


def _mo_id(draw: Draw) -> Written:
    body, check = values.mo_id(draw)
    way = draw.choices(("brackets", "wide brackets", "slashes"), (70, 15, 15))[0]
    text = {
        "brackets": f"{body}({check})",
        "wide brackets": f"{body}（{check}）",
        "slashes": f"{body[0]}/{body[1:]}/{check}",
    }[way]
    return Written(text, way)


def _iban(draw: Draw) -> Written:
    value = values.iban(draw)
    return Written(value, "plain") if draw.random() < 0.5 else Written(grouped(value, (4,) * 6, " "), "spaced")


def _url_credentials(draw: Draw) -> Written:
    scheme = draw.choice(("https", "ftp", "postgresql", "mysql", "redis", "mongodb"))
    name, word = (
        values.wechat_id(draw).replace("-", "_"),
        "".join(draw.choices("abcdefghjkmnpqrstuvwxyz23456789!$%_", k=12)),
    )
    return Written(f"{scheme}://{name}:{word.replace('%', 'P')}@db{draw.randint(1, 9)}.example.com", "plain")


def _bare(maker: Callable[[Draw], str]) -> Callable[[Draw], Written]:
    return lambda draw: Written(maker(draw), "plain")


WAYS: Final[Mapping[str, Callable[[Draw], Written]]] = {
    "CN_RESIDENT_ID": _resident_id, "CN_RESIDENT_ID/15": _old_resident_id, "CN_MOBILE": _mobile, "CN_LANDLINE": _landline,
    "CN_LANDLINE/glued": _glued_landline, "BANK_CARD": _bank_card, "BANK_CARD/world": _world_card, "CN_USCC": _uscc,
    "CN_VEHICLE_PLATE": _plate, "CN_PASSPORT": _document(values.passport), "CN_HKMO_PERMIT": _document(values.hkmo_permit),
    "CN_TAIWAN_PERMIT": _document(values.taiwan_permit), "CN_TAIWAN_PERMIT/travel": _document(values.taiwan_travel), "HK_ID": _hk_id,
    "MO_ID": _mo_id, "IBAN_CODE": _iban, "URL_CREDENTIALS": _url_credentials,
    **{label: _bare(maker) for label, maker in MAKERS.items()},
}  # fmt: skip
"""Slot of a frame -> what writes a value into it; the gold label is what stands before the slash."""
