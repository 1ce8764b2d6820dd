"""Files that two sources claim: told with both places, for a file belongs to one source."""

from collections.abc import Iterable, Mapping
from typing import Final

from schemas.errors import Where
from schemas.yaml_places import quoted

SHOWN_CONFLICTS: Final = 20


def claim_conflicts(claims: Iterable[tuple[str, str]], places: Mapping[str, Where]) -> list[str]:
    """Problems for files that two or more sources claim; *claims*: (shard path, source id), *places*: as in `Loaded`.

    One line for each set of sources, with the first file and how many more; a file belongs to one source.
    """
    owners: dict[str, set[str]] = {}
    for shard, source in claims:
        owners.setdefault(shard, set()).add(source)
    shared: dict[tuple[str, ...], list[str]] = {}
    for shard in sorted(owners):
        if len(owners[shard]) > 1:
            shared.setdefault(tuple(sorted(owners[shard])), []).append(shard)
    found = []
    for ids, shards in sorted(shared.items()):
        named = " and ".join(f"{one!r} ({places[one]})" if one in places else repr(one) for one in ids)
        more = f" and {len(shards) - 1:,} more" if len(shards) > 1 else ""
        place = places.get(ids[0], Where("sources"))
        found.append(
            f"{place}: the sources {named} claim the same file {quoted(shards[0])}{more}; narrow the paths of one of them"
        )
    if len(found) > SHOWN_CONFLICTS:
        rest = len(found) - SHOWN_CONFLICTS
        return [
            *found[:SHOWN_CONFLICTS],
            f"sources: {rest:,} more groups of sources claim the same files; narrow their paths",
        ]
    return found
