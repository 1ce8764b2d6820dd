"""A unit's near bands come back as they were put, and merge into one order whatever units they came from."""

import numpy as np
import pytest

from checks.duplicates import scheme_of, sketch_type
from manifests.store import LocalStore
from pipelines.dedup.segments import merged_near
from pipelines.near_bands import NearBands, put_near
from schemas.errors import StoreError

BANDS = 16
SCHEME = scheme_of(BANDS, 8, 20)


def sketches(seed, rows):
    made = np.zeros(len(rows), sketch_type(BANDS))
    random = np.random.default_rng(seed)
    made["row"], made["key"] = rows, random.integers(0, 1 << 32, len(rows), np.uint32)
    made["hashes"] = random.integers(0, 9, (len(rows), BANDS), np.uint64) | np.arange(
        BANDS, dtype=np.uint64
    ) << np.uint64(59)
    return made


@pytest.mark.parametrize("turned", [1, 1 << 17])
def test_near_bands_come_back_as_they_were_put(tmp_path, monkeypatch, turned):
    monkeypatch.setattr("pipelines.near_bands._TURNED_ROWS", turned)
    store, made = LocalStore(str(tmp_path)), sketches(1, [0, 2, 7, 9])
    told = put_near(store, made, SCHEME)
    assert told["rows"] == 4 * BANDS
    assert told == put_near(store, made, SCHEME)
    unit = NearBands(store, told["sha256"])
    assert (unit.rows().rows == made["row"]).all()
    assert (unit.rows().keys == made["key"]).all()
    assert all((unit.hashes(band) == made["hashes"][:, band]).all() for band in range(BANDS))


def test_merged_bands_stand_in_order_of_hash_key_place_and_row(tmp_path):
    store = LocalStore(str(tmp_path))
    units = [sketches(seed, range(40)) for seed in range(3)]
    tables = list(merged_near([put_near(store, unit, SCHEME)["sha256"] for unit in units], store, BANDS))
    rows = [row for table in tables for row in zip(*table.to_pydict().values(), strict=True)]
    assert len(rows) == 3 * 40 * BANDS
    assert rows == sorted(rows)
    assert set(rows) == {
        (int(hash_), int(one["key"]), place, int(one["row"]))
        for place, unit in enumerate(units)
        for one in unit
        for hash_ in one["hashes"]
    }


def test_an_object_of_another_kind_or_cut_short_is_refused_with_its_place(tmp_path):
    store = LocalStore(str(tmp_path))
    whole = store.get_object(put_near(store, sketches(1, range(3)), SCHEME)["sha256"])
    for data in (b"", b"{}", whole[:-1], whole + b"\0", whole.replace(b"near_bands", b"signatures")):
        with pytest.raises(StoreError, match="restore it from a copy"):
            NearBands(store, store.put_object(data))
