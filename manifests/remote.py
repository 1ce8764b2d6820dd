"""The same store on S3, Google Cloud Storage or Azure, by obstore: whole-object puts, create-if-absent, ranges."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import obstore
from obstore import exceptions
from obstore.store import from_url

from manifests.store import Store, UnreachableError, checked
from schemas.errors import StoreError

T = TypeVar("T")


@dataclass(frozen=True)
class RemoteStore(Store):
    """A bucket, or a prefix in one. Only the URI is held, so it pickles to workers; each process opens its own client."""

    root: str

    @property
    def uri(self) -> str:  # type: ignore[override]
        """The URL, as given."""
        return self.root

    def put(self, path: str, data: bytes | memoryview) -> None:
        """See `Store.put`; one request up to obstore's multipart size, which publishes nothing before its end."""
        self._asked(path, lambda: obstore.put(self._client(), checked(path), data))

    def put_file(self, path: str, file: Path) -> None:
        """See `Store.put_file`."""
        self._asked(path, lambda: obstore.put(self._client(), checked(path), file))

    def put_new(self, path: str, data: bytes) -> bool:
        """See `Store.put_new`; the store itself decides (``If-None-Match: *``)."""

        def create() -> bool:
            try:
                obstore.put(self._client(), checked(path), data, mode="create", use_multipart=False)
            except exceptions.AlreadyExistsError:
                return False
            return True

        return self._asked(path, create)

    def get(self, path: str) -> bytes:
        """See `Store.get`."""
        return self._asked(path, lambda: bytes(obstore.get(self._client(), checked(path)).bytes()))

    def get_range(self, path: str, start: int, length: int) -> bytes:
        """See `Store.get_range`; stores refuse a range past the end, so the length is cut there first."""
        left = min(length, self.size(path) - start)
        if left <= 0:
            return b""
        return self._asked(
            path, lambda: bytes(obstore.get_range(self._client(), checked(path), start=start, length=left))
        )

    def exists(self, path: str) -> bool:
        """See `Store.exists`."""

        def look() -> bool:
            try:
                obstore.head(self._client(), checked(path))
            except (FileNotFoundError, exceptions.NotFoundError):
                return False
            return True

        return self._asked(path, look)

    def size(self, path: str) -> int:
        """See `Store.size`."""
        return self._asked(path, lambda: int(obstore.head(self._client(), checked(path))["size"]))

    def list(self, prefix: str = "") -> list[str]:
        """See `Store.list`."""

        def names() -> list[str]:
            pages = obstore.list(self._client(), prefix=checked(prefix) if prefix else None)
            return sorted(str(item["path"]) for page in pages for item in page)

        return self._asked(prefix, names)

    def delete(self, path: str) -> None:
        """See `Store.delete`."""

        def remove() -> None:
            try:
                obstore.delete(self._client(), checked(path))
            except (FileNotFoundError, exceptions.NotFoundError):
                return

        self._asked(path, remove)

    def _client(self) -> Any:
        return _client(self.root)

    def _asked(self, path: str, act: Callable[[], T]) -> T:
        try:
            return act()
        except (exceptions.BaseError, FileNotFoundError, OSError, ValueError) as error:
            raise _refused(error, self.place(path)) from error


@lru_cache(maxsize=16)
def _client(uri: str) -> Any:
    # obstore's own default goes on for three minutes; a wrong endpoint should say so sooner.
    retry: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
    try:
        return from_url(uri, retry_config=retry)
    except (exceptions.BaseError, ValueError) as error:
        raise _refused(error, uri) from error


def _refused(error: Exception, place: str) -> StoreError:
    """The store's error, with its place and the way out; the server's own words are kept short, and hold no key."""
    text = str(error)
    if "NoSuchBucket" in text or "ContainerNotFound" in text or "bucket does not exist" in text:
        return StoreError(f"{place}: there is no such bucket; create it, or correct the ledger's URI")
    if isinstance(error, FileNotFoundError | exceptions.NotFoundError):
        return StoreError(f"{place}: there is no such object; check the path and the bucket's name")
    if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError):
        return UnreachableError(f"{place}: the store refuses these credentials; let them read and write this prefix")
    if isinstance(error, exceptions.NotSupportedError):
        return StoreError(f"{place}: this store cannot do that; see `corpusledger doctor`")
    first = text.strip().splitlines()[0][:200] if text.strip() else type(error).__name__
    return UnreachableError(f"{place}: {first}; check the endpoint, the network and the credentials")
