"""Sign a manifest and check a signature: an in-toto Statement in a DSSE envelope, Ed25519, by securesystemslib.

The envelope signs the statement's exact bytes, and the statement names the sha256 of ``manifest.json``. A verifier needs
neither this program nor canonical JSON: docs/ledger.md does it with openssl alone. A key's id is the sha256 of its public
half in DER (SubjectPublicKeyInfo).
"""

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import LedgerError, StoreError

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:corpusledger:manifest:1"


class SealError(LedgerError):
    """A signature does not hold: no trusted key made it, or what it signs is not what lies there."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a valid envelope says: which key signed that ``runs/<run>/manifest.json`` has this sha256."""

    keyid: str
    run: str
    manifest_sha256: str


def make_key(path: Path) -> str:
    """Make an Ed25519 key: *path* (PEM, PKCS 8, mode 600) and *path*.pub (PEM). Returns its id; never overwrites."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
        public_path(path).write_bytes(public)
    except FileExistsError as error:
        msg = f"{path}: there is a key already; use it, or name another file"
        raise StoreError(msg) from error
    except OSError as error:
        msg = f"{path}: the key cannot be written ({error.strerror}); name a folder that can be"
        raise StoreError(msg) from error
    return key_id(key.public_key())


def public_path(path: Path) -> Path:
    """Where the public half of the key at *path* lies: the same name with ``.pub`` after it."""
    return path.with_name(path.name + ".pub")


def key_id(key: Ed25519PublicKey) -> str:
    """sha256 hex of the key's DER SubjectPublicKeyInfo, as ``openssl pkey -pubin -outform DER | sha256sum`` gives it."""
    return hashlib.sha256(key.public_bytes(pem.Encoding.DER, pem.PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def public_key(path: Path) -> Ed25519PublicKey:
    """The Ed25519 public key of a PEM file."""
    try:
        key = pem.load_pem_public_key(path.read_bytes())
    except OSError as error:
        msg = f"{path}: the public key cannot be read ({error.strerror}); check the path"
        raise StoreError(msg) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        msg = f"{path}: is no PEM public key; give the .pub file that was made with the key"
        raise StoreError(msg) from error
    if not isinstance(key, Ed25519PublicKey):
        msg = f"{path}: is not an Ed25519 key; give the .pub file that was made with the key"
        raise StoreError(msg)
    return key


def sign(manifest: bytes, run: str, key: Path) -> bytes:
    """The DSSE envelope (JSON bytes) that signs *manifest*, the bytes of ``runs/<run>/manifest.json``."""
    return sign_statement(statement(manifest, run), key)


def sign_statement(told: bytes, key: Path) -> bytes:
    """The DSSE envelope (JSON bytes) around *told*, an in-toto Statement, signed with the private key at *key*."""
    from securesystemslib.dsse import Envelope  # takes a second where boto3 is installed, which it then imports too

    envelope = Envelope(told, PAYLOAD_TYPE, {})
    envelope.sign(_signer(key))
    return canonical_json(envelope.to_dict())


def statement(manifest: bytes, run: str) -> bytes:
    """The in-toto Statement v1: subject ``runs/<run>/manifest.json`` with its sha256."""
    return statement_on(f"runs/{run}/manifest.json", sha256_hex(manifest), PREDICATE, {"run": run})


def statement_on(name: str, digest: str, predicate_type: str, predicate: Mapping[str, str]) -> bytes:
    """The in-toto Statement v1 on the file *name* of the ledger, of sha256 *digest*."""
    subject = {"name": name, "digest": {"sha256": digest}}
    return canonical_json(
        {"_type": STATEMENT, "subject": [subject], "predicateType": predicate_type, "predicate": dict(predicate)}
    )


def verify(envelope: bytes, keys: Iterable[Ed25519PublicKey]) -> Seal:
    """What *envelope* says, once a key of *keys* is found to have signed it; `SealError` otherwise."""
    keyid, value = opened(envelope, keys)
    try:
        subject = value["subject"][0]
        run, digest = value["predicate"]["run"], subject["digest"]["sha256"]
        ours = value["predicateType"] == PREDICATE and subject["name"] == f"runs/{run}/manifest.json"
    except (KeyError, TypeError, IndexError) as error:
        msg = "signature: the envelope is damaged; restore it from a copy"
        raise SealError(msg) from error
    if not ours:
        msg = "signature: it signs something else than a manifest of this product"
        raise SealError(msg)
    return Seal(keyid, run, digest)


def opened(envelope: bytes, keys: Iterable[Ed25519PublicKey]) -> tuple[str, Any]:
    """(id of the key, the in-toto Statement) of *envelope*, once a key of *keys* is found to have signed it.

    `SealError` otherwise; what the statement is on is for the caller to look at.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey

    trusted = [SSlibKey.from_crypto(key, keyid=key_id(key)) for key in keys]
    if not trusted:
        msg = "signature: no trusted key was given; name the public key by --key"
        raise StoreError(msg)
    try:
        parsed = Envelope.from_dict(parse_json(envelope))
        signers = parsed.verify(list(trusted), 1)
        value = parse_json(parsed.payload)
        ours = parsed.payload_type == PAYLOAD_TYPE and value["_type"] == STATEMENT
    except VerificationError as error:
        msg = "signature: made by none of the trusted keys, or changed since; ask the provider for the key's id"
        raise SealError(msg) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        msg = "signature: the envelope is damaged; restore it from a copy"
        raise SealError(msg) from error
    if not ours:
        msg = "signature: it signs something else than a statement of this product"
        raise SealError(msg)
    return next(iter(signers)), value


def signed_bytes(envelope: bytes) -> bytes:
    """The bytes that the signature is over (DSSE's pre-authentication encoding): for checking it by other tools."""
    value = parse_json(envelope)
    payload = base64.b64decode(value["payload"], validate=True)
    kind = value["payloadType"].encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _signer(path: Path) -> Any:
    from securesystemslib.signer import CryptoSigner, SSlibKey

    try:
        key = pem.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        msg = f"{path}: the signing key cannot be read ({error.strerror}); check the path and who may read it"
        raise StoreError(msg) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = f"{path}: is no unencrypted PEM private key; make one with `corpusledger demo`, or by openssl genpkey"
        raise StoreError(msg) from error
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path}: is not an Ed25519 key; make one by `openssl genpkey -algorithm ed25519`"
        raise StoreError(msg)
    public = key.public_key()
    return CryptoSigner(key, SSlibKey.from_crypto(public, keyid=key_id(public)))
