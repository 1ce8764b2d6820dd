"""What looks like a personal value and is none: numbers of orders, parcels, goods and books, broken check digits, dates."""

import string
from collections.abc import Callable, Mapping
from typing import Final

from pipelines.bench import personal_values as values
from pipelines.bench.personal_forms import full_width, grouped
from pipelines.bench.personal_values import Draw, digits


def _other(draw: Draw, right: str, letters: str) -> str:
    return draw.choice([c for c in letters if c != right])


def bad_resident_id(draw: Draw) -> str:
    """Wrong check digit, a day that does not exist, or a province that does not, each otherwise right."""
    right, way = values.resident_id(draw), draw.randrange(4)
    if way == 0:
        body = right[:6] + draw.choice(("19901301", "19850230", "20230431", "19990000", "18760512")) + right[14:17]
    elif way == 1:
        body = draw.choice(("00", "10", "19", "30", "68", "77", "99")) + right[2:17]
    else:
        return right[:17] + _other(draw, right[17], "0123456789X")
    return body + values.id_digit(body)


def bad_card(draw: Draw) -> str:
    """A card's prefix and length, and a last digit that Luhn refuses."""
    right = draw.choice((values.union_pay, values.union_pay, values.world_card))(draw)
    wrong = right[:-1] + _other(draw, right[-1], string.digits)
    return draw.choice((wrong, wrong, grouped(wrong, (4, 4, 4, 4), " "), full_width(wrong)))


def bad_uscc(draw: Draw) -> str:
    """Wrong last character."""
    right = values.uscc(draw)
    return right[:-1] + _other(draw, right[-1], "0123456789ABCDEFGHJKLMNPQRTUWXY")


def bad_plate(draw: Draw) -> str:
    """Letters I and O, no such province, or a length that no plate has."""
    right, way = values.plate(draw), draw.randrange(4)
    if way == 0:
        return right[0] + draw.choice("IO") + right[2:]
    if way == 1:
        return right[:2] + "I" + digits(draw, 2) + "O" + digits(draw, 1)
    if way == 2:
        return draw.choice("中国华东日本人月号第") + right[1:]
    return right[:2] + digits(draw, draw.choice((3, 8, 9)))


def bad_mobile(draw: Draw) -> str:
    """Eleven digits that no network has, or a mobile number's beginning in a longer number."""
    way = draw.randrange(3)
    if way == 0:
        return draw.choice(("10", "11", "12", "20", "33", "77")) + digits(draw, 9)
    return values.mobile(draw) + digits(draw, 1 if way == 1 else 3)


def order(draw: Draw) -> str:
    """A date and a running number, or a marketplace's 18 or 19 digits."""
    way = draw.randrange(4)
    if way == 0:
        return f"20{draw.randint(18, 25)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}" + digits(
            draw, draw.choice((6, 8, 10))
        )
    if way == 1:
        return f"{draw.choice((2, 3))}{draw.randint(0, 9)}00{digits(draw, 15)}"
    if way == 2:
        return draw.choice(("P", "TB", "DD", "SO-", "NO.")) + digits(draw, draw.choice((10, 12, 14)))
    return f"{draw.randint(100, 299)}-{digits(draw, 7)}-{digits(draw, 7)}"  # fmt: skip


def tracking(draw: Draw) -> str:
    """A parcel's number, of the forms that large carriers use."""
    way = draw.choice(("SF1", "YT", "JDVB", "JT", "ZTO", "78", "43", "77", "EMS"))
    if way == "EMS":
        return "E" + draw.choice("ABCEM") + digits(draw, 9) + "CN"
    return way + digits(draw, {"SF1": 12, "YT": 13, "JDVB": 11, "JT": 13, "ZTO": 12}.get(way, 12))


def product(draw: Draw) -> str:
    """An article's or a part's number."""
    return draw.choice(("SKU", "A", "X", "MX-", "PN:", "RTX ", "GB/T ", "T", "HW")) + digits(draw, draw.choice((4, 5, 6, 8))) + draw.choice(("", "", "B", "-01", "/C"))  # fmt: skip


def bar_code(draw: Draw) -> str:
    """EAN-13 of a Chinese maker, its check digit right."""
    body = f"69{draw.randint(0, 9)}" + digits(draw, 9)
    return body + str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body)) % 10)


def isbn(draw: Draw) -> str:
    """ISBN-13, with hyphens or bare."""
    body = "9787" + digits(draw, 8)
    whole = body + str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body)) % 10)
    return draw.choice(
        (whole, f"978-7-{whole[4:6]}-{whole[6:12]}-{whole[12]}", f"978-7-{whole[4:7]}-{whole[7:12]}-{whole[12]}")
    )


def device(draw: Draw) -> str:
    """IMEI (it passes Luhn) or the number of a SIM card."""
    body = draw.choice(("35", "86")) + digits(draw, 12)
    return draw.choice((body + values.luhn_digit(body), "8986" + digits(draw, 16)))


def date(draw: Draw) -> str:
    """A day, or a day and a time, as they are written."""
    day = values.birth(draw, 1998, 2026)
    year, month, of_month = day[:4], day[4:6], day[6:]
    clock = f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}"
    return draw.choice((f"{year}-{month}-{of_month}", f"{year}/{month}/{of_month}", f"{year}.{month}.{of_month}", day, f"{year}-{month}-{of_month} {clock}", f"{day}{clock.replace(':', '')}"))  # fmt: skip


def epoch(draw: Draw) -> str:
    """Seconds or milliseconds since 1970."""
    return f"1{draw.choice('67')}{digits(draw, draw.choice((8, 11)))}"


def years(draw: Draw) -> str:
    """A range of years or of pages."""
    first = draw.randint(1900, 2015)
    glue = draw.choice("-—–~至")
    return f"{first}{glue}{first + draw.randint(1, 30)}"


def amount(draw: Draw) -> str:
    """Money, with and without separators."""
    cents = draw.randint(10_000, 9_999_999_999)
    return draw.choice((f"{cents // 100:,}.{cents % 100:02}", f"{cents // 100}.{cents % 100:02}", f"{cents // 100}"))


def version(draw: Draw) -> str:
    """A program's version of four parts after its mark."""
    return draw.choice(("v", "版本 ", "version ", "版本号：")) + ".".join(str(draw.randint(0, 40)) for _ in range(4))


def contract(draw: Draw) -> str:
    """A contract's, case's or invoice's number."""
    way = draw.randrange(4)
    if way == 0:
        return f"HT-{draw.randint(2015, 2026)}-{digits(draw, 4)}"
    if way == 1:
        return f"（{draw.randint(2015, 2026)}）{draw.choice(values.PLATE_PROVINCES)}{digits(draw, 4)}民初{draw.randint(1, 9999)}号"
    return digits(draw, 12 if way == 2 else 20) if way != 3 else f"{digits(draw, 10)} {digits(draw, 8)}"


def trip(draw: Draw) -> str:
    """A flight's or a train's number."""
    return draw.choice(("CA", "MU", "CZ", "HU", "G", "D", "K", "T")) + digits(draw, draw.choice((3, 4)))


def place(draw: Draw) -> str:
    """Degrees north and east, with six decimals."""
    return f"{draw.randint(18, 50)}.{digits(draw, 6)},{draw.randint(75, 134)}.{digits(draw, 6)}"


def part_number(draw: Draw) -> str:
    """A letter and eight digits, as a passport has, on goods."""
    return draw.choice("EGCHML") + digits(draw, 8)


def digest(draw: Draw) -> str:
    """A commit's or a file's digest."""
    return "".join(draw.choices("0123456789abcdef", k=draw.choice((7, 12, 40))))


def service_number(draw: Draw) -> str:
    """A short number that is nobody's: police, bank's or operator's service line."""
    return draw.choice(("110", "120", "12345", "12306", "95588", "95533", "10086", "10010", "12315", "95105105"))


DECOYS: Final[Mapping[str, Callable[[Draw], str]]] = {
    "bad_id": bad_resident_id, "bad_card": bad_card, "bad_uscc": bad_uscc, "bad_plate": bad_plate, "bad_mobile": bad_mobile,
    "order": order, "tracking": tracking, "product": product, "bar_code": bar_code, "isbn": isbn, "device": device, "date": date,
    "epoch": epoch, "years": years, "amount": amount, "version": version, "contract": contract, "trip": trip, "place": place,
    "part": part_number, "digest": digest, "service": service_number,
}  # fmt: skip
"""Slot of a frame, in small letters -> what writes a look-alike into it."""
