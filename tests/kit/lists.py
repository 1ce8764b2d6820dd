"""Lists as the check for them holds them: entries made of plain values, and the check that joins them, loaded here."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from checks.listed import AUTHORISATIONS, BLOCKED, JOINED, REFUSALS, STATES, TAKEDOWNS, Listed
from checks.listed.hosts import host_key
from checks.listed.index import keys_from
from checks.personal import Personal
from checks.personal.keys import use_key
from pipelines.lists import Told, entries_of, joined_lists
from tests.kit.record_corpus import kit_corpus

KEY = b"a key of the kit, no secret at all"
KEY_ID = hashlib.sha256(b"corpusledger key id" + KEY).hexdigest()[:16]


def fingerprint(entity: str, canonical: str, key: bytes = KEY) -> bytes:
    """What a list holds of a value: worked out here by hand, not by the code that is tested."""
    return hmac.new(key, entity.encode() + b"\0" + canonical.encode(), hashlib.sha256).digest()[:16]


def joining(
    *, users: Mapping[str, str] | None = None, refused: Sequence[tuple[str, str]] | None = None,
    sites: Sequence[str] | None = None, texts: Sequence[str] | None = None, states: Mapping[str, str] | None = None,
) -> Listed:  # fmt: skip
    """The check that joins the lists that are not None.

    *users*: id -> word of STATES; *refused*: (entity, canonical value); *sites*: names in A-labels; *texts*: taken down;
    *states*: list -> its state, else joined.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "key"
        path.write_bytes(KEY)
        use_key(path)
    tables = {}
    if users is not None:
        order = sorted((fingerprint("AUTHOR", user), STATES.index(state)) for user, state in users.items())
        tables[AUTHORISATIONS] = entries_of(
            AUTHORISATIONS, keys_from([k for k, _ in order]), np.array([s for _, s in order], np.uint8)
        )
    keys = {
        REFUSALS: None if refused is None else [fingerprint(*one) for one in refused],
        BLOCKED: None if sites is None else [host_key(name) for name in sites],
        TAKEDOWNS: None if texts is None else [hashlib.sha256(text.encode()).digest()[:16] for text in texts],
    }
    tables |= {kind: entries_of(kind, keys_from(found)) for kind, found in keys.items() if found is not None}
    kinds = [kind for kind in JOINED if kind in tables]
    told = [Told(kind, (states or {}).get(kind, "joined")) for kind in kinds]
    finder = Personal() if refused is not None else None
    lists = joined_lists(Listed(), [tables[kind] for kind in kinds], told, KEY_ID, finder)
    lists.use()
    return lists.check


def kit_listing() -> Listed:
    """The check that joins lists of which each has something of the kit corpus."""
    texts = kit_corpus()["chat"].column("text").to_pylist()
    return joining(
        users={"Kit Archive": "live", "资料室": "withdrawn"}, texts=texts[:2], sites=["xn--fiqs8s", "example.co.uk"],
        refused=[("CN_MOBILE", "+8613800138000"), ("AUTHOR", "somebody"), ("IP_ADDRESS", "8.8.8.8")],
    )  # fmt: skip
