"""One licence id alone is read without the parser of expressions, and comes to what the parser makes of it."""

import random
import re

import pytest

from checks.licence import classes
from checks.licence.names import ALIASES, OWN


def by_parser(text, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(classes, "_ONE_ID", re.compile("(?!)"))
        return classes._of_expression(text)


def test_an_id_alone_is_what_the_parser_makes_of_it(monkeypatch):
    draw = random.Random(7)
    ids = sorted(classes._listed().ids)
    chosen = {*draw.sample(ids, 400), *OWN, *ALIASES, *(i for i in ALIASES.values() if not i.startswith("<"))}
    chosen |= {
        variant
        for i in draw.sample(ids, 150)
        for variant in (i.upper(), f"LicenseRef-{i}", i + "+", i[:-1], f"x-{i}", f"{i}.")
    }
    chosen |= {"and", "OR", "with", "LicenseRef-and", "0BSD", "Classpath-exception-2.0", "nobody-knows-it"}
    for one in sorted(chosen - {""}):
        assert classes._of_expression(one) == by_parser(one, monkeypatch), one


@pytest.mark.parametrize(
    "text", ["MIT AND Apache-2.0", "(MIT)", "MIT OR", "and", "GPL-2.0-only WITH Classpath-exception-2.0"]
)
def test_what_is_more_than_one_id_goes_to_the_parser(text, monkeypatch):
    assert classes._of_expression(text) == by_parser(text, monkeypatch)


def test_an_id_alone_needs_no_parser(monkeypatch):
    monkeypatch.setattr(classes, "_licensing", lambda: pytest.fail("the parser was asked"))
    assert classes._of_expression("apache-2.0") == classes.Declared("Apache-2.0", "permissive", ("Apache-2.0",))
    assert classes._of_expression("LicenseRef-benchmark") == classes.Declared(None, "unknown")
