"""What a run would do, from the listing and the ledger alone: files, units, bytes to read, work known already."""

import time
from typing import Any

from manifests.ledger import open_ledger
from manifests.store import open_store
from pipelines.config import Loaded
from pipelines.drive import known_to, units_of
from pipelines.known import Earlier
from schemas.ledger import LEDGER_FILE


def forecast(loaded: Loaded) -> dict[str, Any]:
    """Counts of the plan; bytes are stored bytes. Writes nothing; opens new files for their first bytes alone."""
    uri = loaded.resolve(loaded.run.ledger)
    earlier = known_to(open_ledger(uri), loaded) if open_store(uri).exists(LEDGER_FILE) else Earlier()
    units, planned = units_of(loaded, earlier, time.time_ns())
    to_read = [u for u in planned if u["digests"] is None]
    files = {f.file.uri: f.file for u in units for f in u.files}
    return {
        "files_listed": len(files),
        "files_not_looked_at": sum(f.framing is None and f.problem is None for f in files.values()),
        "files_unreadable": sum(f.problem is not None for f in files.values()),
        "bytes_listed": sum(f.size_bytes for f in files.values()),
        "units": len(units),
        "units_to_read": len(to_read),
        "bytes_to_read": sum(u["planned_bytes"] for u in to_read),
        "checks": len(loaded.checks),
        "range_bytes": loaded.run.plan.range_bytes,
        "pack_bytes": loaded.run.plan.pack_bytes,
    }
