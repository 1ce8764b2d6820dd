"""List every file under a folder, a glob or a store's prefix, with the change token that tells whether it is new."""

import os
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import obstore
import pyarrow.fs as pafs

from pipelines.read.shards import file_system, is_remote
from schemas.canonical import canonical_json
from schemas.errors import ConfigError, StoreError

Token = dict[str, int | str]
_MAGIC = re.compile(r"[*?\[]")
_OBJECT_STORES = ("s3://", "gs://")


class Listed(NamedTuple):
    """One stored file. *token* has the one key `not_a_file` where there is nothing to read: a socket, a broken link."""

    uri: str
    size_bytes: int
    token: Token


def listing(root_or_glob: str) -> list[Listed]:
    """Every file, hidden ones too, sorted by URI: a file itself, a folder or prefix with all below it, or a glob's matches.

    In a glob `*` and `?` stay within one name, `**` spans folders. Raises ConfigError where nothing is there, StoreError
    for a folder that may not be read: a file that nobody could list would be missing from every count.
    """
    fixed, pattern = _parted(root_or_glob)
    if is_remote(root_or_glob):
        found = _objects(fixed) if fixed.startswith(_OBJECT_STORES) else _remote(fixed)
    else:
        found = _local(fixed)
    matched = sorted(listed for listed in found if pattern is None or pattern.fullmatch(listed.uri))
    if not matched and (pattern is not None or is_remote(root_or_glob)):
        raise ConfigError(f"{root_or_glob}: no file is there; correct the path, or take it out")
    return matched


def change_token(uri: str) -> Token:
    """What changes when the file does: locally size, mtime_ns, ctime_ns, inode and device; on a store size with etag,
    version or generation as far as it has them. Raises StoreError where it is gone or may not be asked for.
    """
    try:
        if uri.startswith(_OBJECT_STORES):
            store, key = _store(uri)
            return _object_token(obstore.head(store, key))
        if is_remote(uri):
            return _remote_token(_info(uri))
        return _local_token(Path(uri).stat())
    except (OSError, obstore.exceptions.BaseError) as error:
        raise StoreError(f"{uri}: {_first_line(error)}; check that it exists and may be read") from error


def token_text(token: Token) -> str:
    """A change token as canonical JSON; numbers as text, for nanoseconds pass what JSON holds exactly."""
    return canonical_json({key: str(value) for key, value in token.items()}).decode()


def glob_pattern(glob: str) -> re.Pattern[str]:
    """The regular expression of a glob over whole URIs."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", glob)
    spelled = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(spelled.get(p) or _class(p) for p in parts), re.DOTALL)


def _class(part: str) -> str:
    if part.startswith("[") and part.endswith("]"):
        return "[" + ("^" if part[1] in "!^" else "") + re.escape(part[1:-1].lstrip("!^")).replace(r"\-", "-") + "]"
    return re.escape(part)


def _parted(root_or_glob: str) -> tuple[str, re.Pattern[str] | None]:
    """The folder that holds all matches, and the pattern, if there is one."""
    magic = None if os.path.lexists(root_or_glob) else _MAGIC.search(root_or_glob)
    if magic is None:
        return root_or_glob, None
    fixed = root_or_glob[: root_or_glob.rfind("/", 0, magic.start()) + 1]
    return fixed or ".", glob_pattern(root_or_glob if fixed else f"./{root_or_glob}")


def _local(root: str) -> Iterator[Listed]:
    if not os.path.lexists(root):
        raise ConfigError(f"{root}: no such file or folder; correct the path, or take it out")
    if not Path(root).is_dir():
        yield _local_file(root)
        return
    for folder, folders, names in os.walk(root, onerror=_unreadable):
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        for name in names + linked:  # a linked folder is not walked into: it may lead back up
            yield _local_file(f"{folder.removesuffix(os.sep)}/{name}")


def _local_file(path: str) -> Listed:
    try:
        found = Path(path).stat()
    except OSError:
        return Listed(path, 0, {"not_a_file": "broken link"})
    if stat.S_ISREG(found.st_mode):
        return Listed(path, found.st_size, _local_token(found))
    kind = "linked folder" if stat.S_ISDIR(found.st_mode) else "device, socket or pipe"
    return Listed(path, 0, {"not_a_file": kind})


def _local_token(found: os.stat_result) -> Token:
    return {
        "size": found.st_size, "mtime_ns": found.st_mtime_ns, "ctime_ns": found.st_ctime_ns,
        "inode": found.st_ino, "device": found.st_dev,
    }  # fmt: skip


def _unreadable(error: OSError) -> None:
    raise StoreError(f"{error.filename}: the folder cannot be read ({error.strerror}); grant access, or leave it out")


def _store(uri: str) -> tuple[Any, str]:
    """The bucket's store, with credentials and endpoint from the environment, and the key in it."""
    scheme, rest = uri.split("://", 1)
    bucket, _, key = rest.partition("/")
    return _bucket(f"{scheme}://{bucket}"), key


def forget_stores() -> None:
    """Open every bucket anew the next time: what is in the environment has changed."""
    _bucket.cache_clear()


@lru_cache(maxsize=64)
def _bucket(url: str) -> Any:
    return obstore.store.from_url(url)


def _objects(prefix: str) -> Iterator[Listed]:
    store, key = _store(prefix)
    base = prefix[: len(prefix) - len(key)].rstrip("/") + "/"
    try:
        if key and not key.endswith("/"):
            try:
                yield Listed(prefix, (one := obstore.head(store, key))["size"], _object_token(one))
                return
            except (FileNotFoundError, obstore.exceptions.NotFoundError):
                key += "/"
        for page in obstore.list(store, key or None):
            for one in page:
                yield Listed(base + one["path"], one["size"], _object_token(one))
    except (OSError, obstore.exceptions.BaseError) as error:
        raise StoreError(f"{prefix}: {_first_line(error)}; check the bucket, its region and the credentials") from error


def _object_token(meta: Any) -> Token:
    named = {"size": meta["size"], "etag": meta.get("e_tag"), "version": meta.get("version")}
    return {key: value for key, value in named.items() if value is not None}


def _remote(uri: str) -> Iterator[Listed]:
    info = _info(uri)
    if info.type == pafs.FileType.File:
        yield Listed(uri, info.size, _remote_token(info))
        return
    system, path = file_system(uri)
    base = uri[: len(uri) - len(path.lstrip("/"))] if path.strip("/") else uri
    for one in system.get_file_info(pafs.FileSelector(path, recursive=True)):
        if one.type == pafs.FileType.File:
            yield Listed(base + one.path.lstrip("/"), one.size, _remote_token(one))


def _info(uri: str) -> pafs.FileInfo:
    system, path = file_system(uri)
    info = system.get_file_info(path)
    if info.type == pafs.FileType.NotFound:
        raise FileNotFoundError(f"no such file: {uri}")
    return info


def _remote_token(info: pafs.FileInfo) -> Token:
    return {"size": info.size, "mtime_ns": info.mtime_ns}


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
