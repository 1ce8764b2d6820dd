"""Made-up personal values that pass their standards' checks, and look-alikes that do not: written apart from the recognizers.

Nothing here is imported from `checks`: a mistake in a validator must show as a miss or a false alarm, not be repeated.
Sources: GB 11643-1999 (resident id), GB 32100-2015 and GB 11714-1997 (social credit code), ISO/IEC 7812-1 (Luhn),
GA 36-2018 (plates), ISO 13616 (IBAN), ISO 2108 (ISBN), GS1 (EAN-13), 3GPP TS 23.003 (IMEI).
"""

import random
import string
from collections.abc import Callable, Mapping
from typing import Final

Draw = random.Random
PROVINCES: Final = tuple(
    map(str, (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 81, 82, 83))
)  # fmt: skip
PLATE_PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
PLATE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # GA 36: no I, no O
_MOBILE: Final = tuple(map(str, (
    130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 147, 150, 151, 152, 153, 155, 156, 157, 158, 159, 166,
    170, 171, 173, 175, 176, 177, 178, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 191, 193, 195, 198, 199,
)))  # fmt: skip
_AREAS: Final = {
    8: tuple(f"0{n}" for n in (10, 20, 21, 22, 23, 24, 25, 27, 28, 29, 755, 571, 512, 532, 531, 411, 371, 311, 451, 431, 591, 731, 574, 769, 757, 510)),
    7: tuple(f"0{n}" for n in (335, 353, 416, 434, 554, 562, 797, 854, 938, 971)),
}  # fmt: skip
_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ALNUM: Final = string.ascii_letters + string.digits


def digits(draw: Draw, count: int) -> str:
    """*count* digits."""
    return "".join(draw.choices(string.digits, k=count))


def luhn_digit(body: str) -> str:
    """The digit that makes *body* pass Luhn."""
    total = 0
    for place, c in enumerate(reversed(body)):
        value = int(c) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def birth(draw: Draw, first: int = 1940, last: int = 2015) -> str:
    """A real day, as eight digits."""
    return f"{draw.randint(first, last)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"


def id_digit(body: str) -> str:
    """The 18th character of a resident id (GB 11643, mod 11-2)."""
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    return "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def county(draw: Draw) -> str:
    """Six digits of a place; Hong Kong, Macau and Taiwan residents' permits have 0000 after the province."""
    province = draw.choice(PROVINCES)
    return province + ("0000" if province[0] == "8" else f"{draw.randint(1, 23):02}{draw.randint(1, 31):02}")


def resident_id(draw: Draw) -> str:
    """18 characters."""
    body = county(draw) + birth(draw) + f"{draw.randint(1, 999):03}"
    return body + id_digit(body)


def old_resident_id(draw: Draw) -> str:
    """15 digits, issued before 1999."""
    province = draw.choice([p for p in PROVINCES if p[0] != "8"])
    place = f"{province}{draw.randint(1, 23):02}{draw.randint(1, 31):02}"
    return place + birth(draw, 1930, 1980)[2:] + f"{draw.randint(1, 999):03}"


def uscc(draw: Draw) -> str:
    """18 characters."""
    organisation = "".join(draw.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=2)) + digits(draw, 6)
    if draw.random() < 0.6:
        organisation = "MA" + draw.choice("0123456789ABCDEFGH") + "".join(draw.choices(_USCC, k=5))
    values = string.digits + string.ascii_uppercase
    check = 11 - sum(values.index(c) * w for c, w in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    place = f"{draw.choice([p for p in PROVINCES if p[0] != '8'])}{draw.randint(1, 23):02}{draw.randint(0, 31):02}"
    body = draw.choice(("91", "92", "93", "11", "12", "52", "51")) + place + organisation + "0123456789X0"[check]
    return body + uscc_digit(body)


def uscc_digit(body: str) -> str:
    """The 18th character of a social credit code (GB 32100, mod 31)."""
    return _USCC[-sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31]


def union_pay(draw: Draw) -> str:
    """16 to 19 digits, mostly 19 as debit cards are."""
    length = draw.choice((16, 16, 17, 18, 19, 19, 19, 19))
    body = draw.choice(("6222", "6228", "6217", "6214", "6227", "6225", "6212", "6230", "6259", "6236")) + digits(
        draw, length - 5
    )
    return body + luhn_digit(body)  # fmt: skip


def world_card(draw: Draw) -> str:
    """16 digits, of the two widest schemes."""
    body = draw.choice(("4", "4", "51", "52", "53", "54", "55"))
    body += digits(draw, 15 - len(body))
    return body + luhn_digit(body)


def mobile(draw: Draw) -> str:
    """11 digits."""
    return draw.choice(_MOBILE) + digits(draw, 8)


def landline(draw: Draw) -> tuple[str, str]:
    """(Area code with its 0, subscriber's number of 7 or 8 digits)."""
    length = draw.choice((8, 8, 8, 7))
    return draw.choice(_AREAS[length]), draw.choice("2345678") + digits(draw, length - 1)


def plate(draw: Draw) -> str:
    """Seven characters: province, office, five of letters and digits of which at most two are letters (GA 36)."""
    serial = list(digits(draw, 5))
    for at in draw.sample(range(5), draw.choice((0, 0, 1, 1, 2))):
        serial[at] = draw.choice(PLATE_LETTERS)
    return draw.choice(PLATE_PROVINCES) + draw.choice(PLATE_LETTERS) + "".join(serial)


def new_energy_plate(draw: Draw) -> str:
    """Eight characters: small cars have a letter first, large ones last."""
    head, letter = draw.choice(PLATE_PROVINCES) + draw.choice(PLATE_LETTERS), draw.choice("DFDFDFABCEGHJK")
    if draw.random() < 0.75:
        second = draw.choice(string.digits + PLATE_LETTERS) if draw.random() < 0.3 else draw.choice(string.digits)
        return head + letter + second + digits(draw, 4)
    return head + digits(draw, 5) + draw.choice("DF")


def special_plate(draw: Draw) -> str:
    """Police, learner, trailer, and cars from Hong Kong and Macau."""
    if draw.random() < 0.3:
        return "粤Z" + digits(draw, 4) + draw.choice("港澳")
    return draw.choice(PLATE_PROVINCES) + draw.choice(PLATE_LETTERS) + digits(draw, 4) + draw.choice("警学挂")


def passport(draw: Draw) -> str:
    """A Chinese passport: E with eight digits or a letter and seven; G before 2012; official kinds."""
    kind = draw.random()
    if kind < 0.45:
        return "E" + digits(draw, 8)
    if kind < 0.75:
        return "E" + draw.choice(PLATE_LETTERS) + digits(draw, 7)
    if kind < 0.9:
        return "G" + digits(draw, 8)
    return draw.choice(("DE", "SE", "PE")) + digits(draw, 7)


def hkmo_permit(draw: Draw) -> str:
    """Home return permit (H, M) or a mainlander's permit for Hong Kong and Macau (C)."""
    kind = draw.random()
    if kind < 0.6:
        return draw.choice("HM") + digits(draw, 8)
    if kind < 0.85:
        return "C" + digits(draw, 8)
    return "C" + draw.choice(PLATE_LETTERS) + digits(draw, 7)


def taiwan_permit(draw: Draw) -> str:
    """Eight digits (since 2015), or L with eight digits for a mainlander's permit."""
    return draw.choice("01234569") + digits(draw, 7)


def taiwan_travel(draw: Draw) -> str:
    """A mainlander's permit for Taiwan."""
    return draw.choice("LLT") + digits(draw, 8)


def military_id(draw: Draw) -> str:
    """An officer's or soldier's certificate number."""
    return f"{draw.choice('军士文义海空南北沈兰成济广')}字第{digits(draw, draw.choice((6, 7, 8)))}号"


def hk_id(draw: Draw) -> tuple[str, str]:
    """(Letter or two and six digits, check character): mod 11 over eight places, an absent first letter counts 36."""
    letters = draw.choice(string.ascii_uppercase) if draw.random() < 0.85 else draw.choice(("WX", "XA", "XB", "XC"))
    number = digits(draw, 6)
    values = [36] * (2 - len(letters)) + [ord(c) - 55 for c in letters] + [int(c) for c in number]
    return letters + number, "0123456789A"[-sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True)) % 11]


def mo_id(draw: Draw) -> tuple[str, str]:
    """(Seven digits, check digit): 1, 5 or 7 first; the rule of the check digit is not published."""
    return draw.choice("157") + digits(draw, 6), digits(draw, 1)


def tw_id(draw: Draw) -> str:
    """A letter, 1 or 2 for the sex, seven digits, a check digit (mod 10)."""
    letters = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
    letter, body = draw.choice(sorted(letters)), draw.choice("12") + digits(draw, 7)
    total = letters[letter] // 10 + letters[letter] % 10 * 9
    total += sum(int(c) * w for c, w in zip(body, (8, 7, 6, 5, 4, 3, 2, 1), strict=True))
    return letter + body + str(-total % 10)


def wechat_id(draw: Draw) -> str:
    """Six to twenty characters, a letter first."""
    return draw.choice(string.ascii_letters) + "".join(draw.choices(string.ascii_lowercase + string.digits + "_-", k=draw.randint(5, 14)))[:-1] + draw.choice(string.digits)  # fmt: skip


def qq_number(draw: Draw) -> str:
    """Five to ten digits."""
    return draw.choice("123456789") + digits(draw, draw.randint(5, 9))


def e_mail(draw: Draw) -> str:
    """An address at a domain with a public suffix."""
    name = (
        "".join(draw.choices(string.ascii_lowercase, k=draw.randint(3, 9)))
        + draw.choice(("", ".", "_"))
        + digits(draw, draw.randint(1, 4))
    )
    domain = draw.choice(
        (
            "qq.com",
            "163.com",
            "126.com",
            "gmail.com",
            "outlook.com",
            "sina.com.cn",
            "foxmail.com",
            "example.org",
            "mail.example.com",
            "tsinghua.edu.cn",
        )
    )
    return f"{name}@{domain}"  # fmt: skip


def ip_address(draw: Draw) -> str:
    """A public IPv4 address (first octet outside every special block), sometimes IPv6 of a public prefix."""
    if draw.random() < 0.15:
        return (
            "2408:8"
            + "".join(draw.choices("0123456789abcdef", k=3))
            + ":"
            + ":".join(f"{draw.randint(1, 0xFFFF):x}" for _ in range(6))
        )
    return f"{draw.choice((8, 36, 58, 61, 101, 111, 114, 116, 121, 123, 202, 218, 220))}." + ".".join(str(draw.randint(1, 197)) for _ in range(3))  # fmt: skip


def mac_address(draw: Draw) -> str:
    """Six pairs of hexadecimal digits, globally unique and unicast."""
    glue = draw.choice(":::-")
    octets = [draw.randint(0, 63) * 4, *(draw.randint(0, 255) for _ in range(5))]
    text = glue.join(f"{o:02x}" for o in octets)
    return text.upper() if draw.random() < 0.5 else text


def iban(draw: Draw) -> str:
    """German, British or French, mod 97."""
    country, body = draw.choice(
        (
            ("DE", digits(draw, 18)),
            ("GB", "".join(draw.choices(string.ascii_uppercase, k=4)) + digits(draw, 14)),
            ("FR", digits(draw, 23)),
        )
    )
    number = int("".join(str(int(c, 36)) for c in f"{body}{country}00"))
    return f"{country}{98 - number % 97:02}{body}"


def ssn(draw: Draw) -> str:
    """Area, group, serial; none all zeros, no area 666 or from 900 on, and not the much-printed specimens."""
    return f"{draw.choice([a for a in range(101, 772) if a != 666]):03}-{draw.randint(1, 99):02}-{draw.randint(1, 9999):04}"


def secret(draw: Draw) -> str:
    """A key or token in the form of a cloud, a model API or a code host."""
    return draw.choice(SECRETS)(draw)


def _of(prefix: str, length: int, letters: str = _ALNUM) -> Callable[[Draw], str]:
    return lambda draw: prefix + "".join(draw.choices(letters, k=length))


SECRETS: Final[tuple[Callable[[Draw], str], ...]] = (
    _of("AKIA", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    _of("LTAI5t", 18),
    _of("AKID", 32),
    _of("ghp_", 36),
    _of("glpat-", 20),
    _of("sk-ant-api03-", 93, _ALNUM + "-_"),
    _of("AIza", 35),
    _of("xoxb-", 40, string.digits + string.ascii_lowercase),
    _of("hf_", 34, string.ascii_letters),
)
MAKERS: Final[Mapping[str, Callable[[Draw], str]]] = {
    "CN_MILITARY_ID": military_id, "TW_ID": tw_id, "WECHAT_ID": wechat_id, "QQ_NUMBER": qq_number, "EMAIL_ADDRESS": e_mail,
    "IP_ADDRESS": ip_address, "MAC_ADDRESS": mac_address, "US_SSN": ssn, "SECRET": secret,
}  # fmt: skip
"""Those that are written one way alone; the others' ways are in `personal_forms`."""
