"""A batch of records as opt-outs are judged: by host first, by path only where a file or the record itself has a word."""

import json
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.addresses import dates
from checks.optouts.evidence import PAGE, Moment, Supplied, host_of, moment
from checks.optouts.sites import Answer, Sites

SAID: Final = "server_said"
"""The key of a record's meta under which a reader gives what its server said of it: {headers, metas}, as in `page_excerpt`."""
REFERS_TO: Final = "warc_refers_to"
"""The key under which a reader gives the id of the WARC record that a text was made from."""
# With a scheme or //, anything up to the path is the authority; without one only what looks like a host name is.
_AUTHORITY: Final = (
    r"^\s*(?:(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//(?P<given>[^/?#\\]*)"
    r"|(?P<bare>[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+(?::[0-9]+)?)(?:[/?#]|\s*$))"
)
_SILENT: Final = f'"{SAID}":{{}}'


Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class Rows(NamedTuple):
    """A batch as it is judged. *host*: of each row, a place in *hosts*; *known*: its host has files; *page*: 0 brings no
    word of its server, 1 the word that it was silent, 2 something to read.
    """

    url: pa.Array
    collected_at: pa.Array
    meta: pa.Array
    hosts: list[str]
    host: Places
    no_host: Mask
    known: Mask
    page: Places

    @classmethod
    def of(cls, batch: pa.RecordBatch, sites: Sites) -> "Rows":
        """The rows of *batch*; each different authority is looked up once."""
        n = batch.num_rows
        url, collected_at, meta = (_given(batch, name) for name in ("url", "collected_at", "meta"))
        parts = pc.extract_regex(pc.fill_null(url, ""), _AUTHORITY)
        given, bare = (pc.fill_null(pc.struct_field(parts, name), "") for name in ("given", "bare"))
        authority = pc.if_else(pc.equal(given, ""), bare, given).dictionary_encode()
        hosts = [host_of(f"//{one}") for one in authority.dictionary.to_pylist()]
        host = np.asarray(authority.indices, np.int64)
        known = np.array([sites.knows(one) for one in hosts], np.bool_)[host] if n else np.zeros(0, np.bool_)
        no_host = np.array([not one for one in hosts], np.bool_)[host] if n else np.zeros(0, np.bool_)
        page = np.zeros(n, np.int64)
        if meta.null_count < n:
            said = _true(pc.match_substring(meta, f'"{SAID}":')) | _true(pc.match_substring(meta, f'"{REFERS_TO}":'))
            page[said] = 2
            page[_true(pc.match_substring(meta, _SILENT))] = 1
        return cls(url, collected_at, meta, hosts, host, no_host, known & ~no_host, page)

    def alike(self, sites: Sites) -> list[tuple[Mask, Answer]]:
        """(mask, answer) of rows that neither a file nor a page tells apart."""
        plain = ~self.known & (self.page < 2)
        contract = np.array([bool(one) and sites.contract(one) for one in self.hosts], np.bool_)
        named = contract[self.host] if len(self.host) else plain
        found = []
        for page in (0, 1):
            for with_contract in (False, True):
                chosen = plain & (self.page == page) & (named == with_contract)
                if chosen.any():
                    answer = sites.answer("", "", None, _SILENT_PAGE if page else None)
                    found.append((chosen, answer._replace(contract=with_contract)))
        return found

    def judged(self, sites: Sites) -> list[tuple[int, Answer]]:
        """(row, answer) of all others."""
        chosen = np.flatnonzero(self.known | (self.page == 2))
        at = pa.array(chosen)
        given, places, brings = self.collected_at.take(at), self.host[chosen].tolist(), self.page.tolist()
        columns = [column.to_pylist() for column in (self.url.take(at), given, dates(given), self.meta.take(at))]
        found, before, moments = (
            [],
            dict[tuple[Any, ...], Answer](),
            dict[tuple[str | None, str | None], Moment | None](),
        )
        for row, host, url, collected_at, day, meta in zip(chosen.tolist(), places, *columns, strict=True):
            key = (url, collected_at, meta)
            if key not in before:
                page = _page(meta, sites) if brings[row] else None
                if (collected_at, day) not in moments:  # a day may be written in many ways
                    moments[collected_at, day] = moment(collected_at) or moment(day)
                when = moments[collected_at, day]
                before[key] = sites.answer(self.hosts[host], url or "", when, page)
            found.append((row, before[key]))
        return found


_SILENT_PAGE: Final = Supplied(PAGE, "", "", 200, b"", b"")


def _page(meta: str, sites: Sites) -> Supplied | None:
    """What the record brings along of its server's answer; None where it brings none that can be had."""
    try:
        found = json.loads(meta)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    said, refers_to = found.get(SAID), found.get(REFERS_TO)
    if isinstance(said, dict):
        parts = (said.get(name, "") for name in ("metas", "headers"))
        body, headers = (part.encode("utf-8", "surrogatepass") if isinstance(part, str) else b"" for part in parts)
        return Supplied(PAGE, "", "", 200, body, headers)
    return sites.then.of_record(refers_to) if isinstance(refers_to, str) else None


def _given(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    return batch.column(name).cast(pa.string())


def _true(mask: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
