"""The seal: another key, another payload, another run do not pass; openssl alone checks it, as docs/ledger.md says."""

import base64
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from manifests.seal import SealError, make_key, public_key, public_path, sign, signed_bytes, statement, verify
from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import StoreError
from schemas.merkle import merkle_root
from tests.kit.ledgers import small_ledger

DOCS = Path(__file__).parents[2] / "docs" / "ledger.md"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "k")
    return tmp_path / "k"


def test_what_was_signed_is_what_is_read(key):
    seal = verify(sign(b'{"run":"r"}', "r", key), [public_key(public_path(key))])
    assert (seal.run, seal.manifest_sha256) == ("r", sha256_hex(b'{"run":"r"}'))
    assert seal.keyid == make_id(public_path(key))


def make_id(public: Path) -> str:
    der = base64.b64decode("".join(public.read_text().splitlines()[1:-1]))
    return sha256_hex(der)


def test_a_key_is_private_and_never_overwritten(key):
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="there is a key already"):
        make_key(key)


def test_the_same_manifest_gives_the_same_envelope(key):
    assert sign(b"{}", "r", key) == sign(b"{}", "r", key)


def test_what_is_changed_does_not_pass(key, tmp_path):
    envelope, trusted = parse_json(sign(b"{}", "r", key)), [public_key(public_path(key))]
    make_key(tmp_path / "other")
    with pytest.raises(SealError, match="none of the trusted keys"):
        verify(canonical_json(envelope), [public_key(tmp_path / "other.pub")])
    forged = base64.b64encode(statement(b"{}", "another run")).decode()
    for change in ({"payload": forged}, {"payloadType": "text/plain"}):
        with pytest.raises(SealError, match="none of the trusted keys"):
            verify(canonical_json({**envelope, **change}), trusted)
    for broken in (b"", b"[]", b"{}", canonical_json({**envelope, "signatures": 3})):
        with pytest.raises(SealError):
            verify(broken, trusted)
    with pytest.raises(StoreError, match="no trusted key was given"):
        verify(canonical_json(envelope), [])


@pytest.mark.parametrize(("text", "says"), [(b"", "is no unencrypted PEM"), (None, "cannot be read")])
def test_a_wrong_key_file_is_told(tmp_path, text, says):
    path = tmp_path / "k"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(StoreError, match=says):
        sign(b"{}", "r", path)
    with pytest.raises(StoreError):
        public_key(path)


def test_docs_verify_by_hand_works(tmp_path):
    if shutil.which("openssl") is None or shutil.which("python3") is None:
        pytest.skip("openssl is not installed")
    ledger, public = small_ledger(tmp_path)
    recipe = "\n".join(re.findall(r"```sh by-hand\n(.*?)```", DOCS.read_text(), re.DOTALL))
    script = f"set -eu\nLEDGER={ledger.uri}\nRUN=run-1\nKEY={public}\ncd {tmp_path}\n{recipe}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert (tmp_path / "signed.bin").read_bytes() == signed_bytes(ledger.store.get("runs/run-1/manifest.dsse.json"))
    assert done.stdout.count(": OK") == 8  # manifest, two tables, three objects, ledger.json and the log's first entry
    ledger.store.put("runs/run-1/manifest.json", ledger.store.get("runs/run-1/manifest.json") + b" ")
    again = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert again.returncode != 0
    assert "manifest.json: FAILED" in again.stdout


def test_the_docs_root_is_ours():
    (block,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    for count in range(20):
        leaves = [b"%d" % i for i in range(count)]
        assert names["root"](leaves) == merkle_root(leaves)
