"""The order of a draw: the published hash, nothing but seed, seal, plan and place, and no pattern that somebody could use."""

import numpy as np
from scipy import stats

from manifests.review_ranks import hashes, record_id, shard_key

SEED, SEAL = bytes(range(32)), "ab" * 32


def test_the_hash_is_siphash_2_4_with_its_authors_vector():
    message = int.from_bytes(bytes(range(8)), "little")
    assert hashes(bytes(range(16)), np.array([message])).tolist() == [0x93F5F5799A932462]


def test_it_is_the_reference_s_for_any_offset():
    mask = (1 << 64) - 1

    def rotated(x: int, by: int) -> int:
        return (x << by | x >> (64 - by)) & mask

    def plain(key: bytes, word: int) -> int:
        k = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
        v = [0x736F6D6570736575 ^ k[0], 0x646F72616E646F6D ^ k[1], 0x6C7967656E657261 ^ k[0], 0x7465646279746573 ^ k[1]]

        def turn() -> None:
            v[0] = v[0] + v[1] & mask
            v[1] = rotated(v[1], 13) ^ v[0]
            v[0] = rotated(v[0], 32)
            v[2] = v[2] + v[3] & mask
            v[3] = rotated(v[3], 16) ^ v[2]
            v[0] = v[0] + v[3] & mask
            v[3] = rotated(v[3], 21) ^ v[0]
            v[2] = v[2] + v[1] & mask
            v[1] = rotated(v[1], 17) ^ v[2]
            v[2] = rotated(v[2], 32)

        for m in (word, 8 << 56):
            v[3] ^= m
            turn(), turn()
            v[0] ^= m
        v[2] ^= 0xFF
        turn(), turn(), turn(), turn()
        return v[0] ^ v[1] ^ v[2] ^ v[3]

    offsets = np.random.default_rng(3).integers(0, 2**62, 200)
    key = shard_key(SEED, SEAL, "manual", "web", "a.jsonl")
    assert hashes(key, offsets).tolist() == [plain(key, int(o)) for o in offsets]


def test_seed_seal_plan_source_and_shard_each_change_the_order():
    given = (SEED, SEAL, "manual", "web", "a.jsonl")
    keys = {shard_key(*given)} | {
        shard_key(*given[:i], other, *given[i + 1 :])
        for i, other in enumerate((bytes(32), "cd" * 32, "technical", "books", "b.jsonl"))
    }
    assert len(keys) == 6
    assert shard_key(SEED, SEAL, "a", "b c", "d") != shard_key(SEED, SEAL, "a b", "c", "d")


def test_ranks_are_even_whatever_the_distance_of_the_offsets():
    for step in (1, 64, 4096):
        ranks = hashes(shard_key(SEED, SEAL, "manual", "web", "a.jsonl"), np.arange(50_000) * step)
        assert stats.kstest(ranks / 2.0**64, "uniform").pvalue > 0.001
        assert len(np.unique(ranks)) == 50_000


def test_an_id_sorts_like_its_rank():
    values = [0, 5, 255, 2**63, 2**64 - 1]
    assert [record_id(v) for v in values] == sorted(record_id(v) for v in values)
