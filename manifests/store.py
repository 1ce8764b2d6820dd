"""One way to keep bytes under names: a folder here, an object store in `manifests.remote`; nothing is ever half written.

A file is complete before it gets its name: locally a temporary name in the same folder, fsync, rename, fsync of the
folder; on an object store one put of the whole bytes. Never a stream opened around the code that makes the bytes: when
that code raises, closing the stream publishes half a file (data-path §5).
"""

import errno
import hashlib
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from manifests.whole_files import TEMPORARY, forget, sync_folder, written_beside
from schemas.canonical import sha256_hex
from schemas.errors import StoreError

REMOTE_SCHEMES: Final = ("s3", "gs", "az")
_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class UnreachableError(StoreError):
    """The store does not answer, or refuses us: nothing is known of what lies there, good or bad."""


class Store(ABC):
    """Named bytes under one root. Paths are relative, with ``/``, and never climb out; errors are `StoreError`."""

    uri: str

    @abstractmethod
    def put(self, path: str, data: bytes | memoryview) -> None:
        """Make *path* hold exactly *data*, replacing what was there; a reader sees the old or the new, never a part."""

    @abstractmethod
    def put_new(self, path: str, data: bytes) -> bool:
        """Make *path* hold *data* unless it exists; of any number of racing writers exactly one gets True.

        Raises `StoreError` where the store cannot promise that (`Ledger.create_if_absent` is then False).
        """

    @abstractmethod
    def get(self, path: str) -> bytes:
        """All bytes of *path*."""

    @abstractmethod
    def get_range(self, path: str, start: int, length: int) -> bytes:
        """*length* bytes from byte *start*; fewer only where the file ends."""

    @abstractmethod
    def exists(self, path: str) -> bool:
        """Is there a file of that name (not a folder)?"""

    @abstractmethod
    def size(self, path: str) -> int:
        """Bytes of *path*."""

    @abstractmethod
    def list(self, prefix: str = "") -> list[str]:
        """Every file under the folder *prefix*, at any depth, sorted by code point; none where the folder is missing."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Remove *path*; that it is gone already is no error."""

    def local_path(self, path: str) -> Path | None:
        """Where *path* lies in this machine's file system, for readers that map memory; None on an object store."""
        checked(path)
        return None

    def put_object(self, data: bytes) -> str:
        """Keep *data* under its own sha256 and return that; equal bytes are kept once, a second writer does no harm."""
        digest = sha256_hex(data)
        path = object_path(digest)
        if not self.exists(path):
            self.put(path, data)
        return digest

    def put_object_of(self, file: Path) -> str:
        """`put_object` of a finished local file, which is gone afterwards: for what should not be in memory whole."""
        with file.open("rb") as data:
            digest = hashlib.file_digest(data, "sha256").hexdigest()
        path = object_path(digest)
        if not self.exists(path):
            self.put_file(path, file)
        file.unlink(missing_ok=True)
        return digest

    def put_file(self, path: str, file: Path) -> None:
        """`put` of what a finished local file holds."""
        self.put(path, file.read_bytes())

    def get_object(self, digest: str) -> bytes:
        """The bytes of an object, checked against its name."""
        data = self.get(object_path(digest))
        if sha256_hex(data) != digest:
            msg = f"{self.place(object_path(digest))}: its bytes do not hash to its name; restore it from a copy"
            raise StoreError(msg)
        return data

    def place(self, path: str) -> str:
        """How messages name *path*."""
        return f"{self.uri.rstrip('/')}/{path}" if path else self.uri


@dataclass(frozen=True)
class LocalStore(Store):
    """A folder of this machine (or a mounted one)."""

    root: str

    @property
    def uri(self) -> str:  # type: ignore[override]
        """The folder, as given."""
        return self.root

    def put(self, path: str, data: bytes | memoryview) -> None:
        """See `Store.put`."""
        self._put(path, data, len(data))

    def _put(self, path: str, data: bytes | memoryview | Path, size_bytes: int) -> None:
        target = self._path(path)
        try:
            temporary = written_beside(target, data)
            try:
                temporary.replace(target)
            except BaseException:
                forget(temporary)
                raise
            sync_folder(target.parent)
        except OSError as error:
            raise _refused(error, self.place(path), size_bytes) from error

    def put_file(self, path: str, file: Path) -> None:
        """See `Store.put_file`."""
        self._put(path, file, file.stat().st_size)

    def put_new(self, path: str, data: bytes) -> bool:
        """See `Store.put_new`; `link` fails where the name exists, for threads and processes alike."""
        target = self._path(path)
        try:
            if target.exists():
                return False
            temporary = written_beside(target, data)
            try:
                os.link(temporary, target)
            except FileExistsError:
                return False
            finally:
                forget(temporary)
            sync_folder(target.parent)
        except OSError as error:
            if error.errno in _NO_LINKS and error.filename2 is not None:
                msg = f"{self.place(path)}: this file system has no hard links, so creating only if absent is not safe"
                raise StoreError(f"{msg}; use another folder, or one writer at a time") from error
            raise _refused(error, self.place(path), len(data)) from error
        return True

    def get(self, path: str) -> bytes:
        """See `Store.get`."""
        try:
            return self._path(path).read_bytes()
        except OSError as error:
            raise _refused(error, self.place(path)) from error

    def get_range(self, path: str, start: int, length: int) -> bytes:
        """See `Store.get_range`."""
        try:
            with self._path(path).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise _refused(error, self.place(path)) from error

    def exists(self, path: str) -> bool:
        """See `Store.exists`."""
        return self._path(path).is_file()

    def size(self, path: str) -> int:
        """See `Store.size`."""
        try:
            return self._path(path).stat().st_size
        except OSError as error:
            raise _refused(error, self.place(path)) from error

    def list(self, prefix: str = "") -> list[str]:
        """See `Store.list`; names of unfinished writes are left out."""
        root = Path(self.root)
        top = root / checked(prefix) if prefix else root
        found: list[str] = []
        try:
            for folder, _, names in os.walk(top, onerror=_raise_unless_missing):
                below = PurePosixPath(Path(folder).relative_to(root).as_posix())
                found.extend(str(below / name) for name in names if not name.startswith(TEMPORARY))
        except OSError as error:
            raise _refused(error, self.place(prefix)) from error
        return sorted(found)

    def delete(self, path: str) -> None:
        """See `Store.delete`."""
        try:
            self._path(path).unlink(missing_ok=True)
        except OSError as error:
            raise _refused(error, self.place(path)) from error

    def local_path(self, path: str) -> Path:
        """See `Store.local_path`."""
        return self._path(path)

    def _path(self, path: str) -> Path:
        return Path(self.root) / checked(path)


def open_store(uri: str) -> Store:
    """The store of a folder, a ``file://`` URL or an ``s3://``, ``gs://``, ``az://`` URL.

    Keys and endpoints of object stores come from the environment, as obstore reads it (``AWS_ENDPOINT``, …).
    """
    parts = urlsplit(uri)
    if parts.scheme in REMOTE_SCHEMES:
        from manifests.remote import RemoteStore  # obstore takes 60 ms to import and a folder needs none of it

        return RemoteStore(uri.rstrip("/"))
    if parts.scheme == "file":
        return LocalStore(str(Path(unquote(parts.path)).absolute()))
    if "://" in uri:
        msg = f"{uri}: no store of kind {parts.scheme}://; a ledger lies in a folder or under s3://, gs:// or az://"
        raise StoreError(msg)
    return LocalStore(str(Path(uri).absolute()))


def object_path(digest: str) -> str:
    """``objects/ab/<sha256>``: where an object of that digest lies; anything but 64 lower-case hex digits is refused."""
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        msg = f"{digest!r}: not a sha256 in lower-case hex; the table that names it is damaged"
        raise StoreError(msg)
    return f"objects/{digest[:2]}/{digest}"


def checked(path: str) -> str:
    """*path* as it stands, refused where it is absolute, empty, or would climb out of the root."""
    parts = path.split("/")
    if not path or any(p in ("", ".", "..") for p in parts) or "\0" in path or "\\" in path:
        msg = f"{path!r}: not a path inside a ledger; use names joined by single slashes"
        raise StoreError(msg)
    return path


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _refused(error: OSError, place: str, size_bytes: int = 0) -> StoreError:
    """The store's error for *error*, with its place and the way out."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StoreError(
                f"{place}: the disk is full, {size_bytes} bytes did not fit; free some space and run again, "
                "what is finished is kept and no half file was left"
            )
        case errno.EROFS:
            return StoreError(f"{place}: the file system is read-only; mount it writable, or name another ledger")
        case errno.EACCES | errno.EPERM:
            return UnreachableError(
                f"{place}: permission denied; let this user read and write the ledger, or name another"
            )
        case errno.ENOENT:
            return StoreError(f"{place}: there is no such file; check the path, or restore it from a copy")
        case errno.ENOTDIR | errno.EISDIR | errno.EEXIST:
            return StoreError(f"{place}: a file stands where a folder must be, or the reverse; name another ledger")
        case _:
            return UnreachableError(f"{place}: {error.strerror or error}; check the disk or the mount")
