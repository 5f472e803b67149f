"""The file of a backup: a plain tar, which any tool opens, with a seal over all that is in it.

It is written and read from its beginning to its end, in pieces. Of tar only regular files are
read; whatever else one may hold (links, devices, paths out of the folder) is refused unseen.
"""

import hashlib
import io
import json
import tarfile
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Protocol

PIECE: Final = 1024 * 1024
"""Bytes that are copied at once."""

_SEAL: Final = "seal.json"
_LARGEST_SEAL: Final = 64 * 1024 * 1024
_MODE: Final = 0o600


class ArchiveDamaged(Exception):
    """The file is no whole archive; the text says what is wrong with it."""


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


class ArchiveWriter:
    """Writes an archive; without `seal` at the end it counts as damaged.

    Args:
        file: where to; only ever written on.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._begun = int(time.time())

    def add(self, name: str, source: BinaryIO, size: int) -> None:
        """Add a file.

        Args:
            name: its path in the archive, in ASCII, with slashes.
            source: its bytes, from where it stands.
            size: how many they are.

        Raises:
            OSError: the source has fewer, or one of both files failed.
        """
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, _MODE, self._begun
        self._write(info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict"))
        left = size
        while left:
            piece = source.read(min(PIECE, left))
            if not piece:
                raise OSError(f"{name} became shorter while it was read")
            self._write(piece)
            left -= len(piece)
        self._write(bytes(-size % tarfile.BLOCKSIZE))

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a file that is in memory already."""
        self.add(name, io.BytesIO(data), len(data))

    def seal(self, facts: dict[str, Any]) -> None:
        """End the archive with the digest of all that is in it, and what else there is to say."""
        sealed = {"sha256": self._digest.hexdigest(), **facts}
        self.add_bytes(_SEAL, json.dumps(sealed).encode())
        self._write(bytes(2 * tarfile.BLOCKSIZE))

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)


class Member:
    """One file of an archive that is being read; what is not read of it is passed over."""

    def __init__(self, name: str, size: int, file: BinaryIO, digest: _Digest) -> None:
        self.name = name
        self.size = size
        self._left = size
        self._file = file
        self._digest = digest

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, a piece at a time.

        Raises:
            ArchiveDamaged: the archive ends within it.
        """
        while self._left:
            piece = _exactly(self._file, min(PIECE, self._left), self._digest)
            self._left -= len(piece)
            yield piece
        self._left = 0

    def read(self, *, limit: int) -> bytes:
        """All its bytes.

        Raises:
            ArchiveDamaged: there are more than `limit`, or the archive ends within it.
        """
        if self.size > limit:
            raise ArchiveDamaged(f"{self.name} is too large")
        return b"".join(self.pieces())


class ArchiveReader:
    """Reads an archive once.

    `facts` is what its seal says, once all members have been read.

    Args:
        file: one that `ArchiveWriter` wrote, or anything else.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.facts: dict[str, Any] = {}

    def members(self) -> Iterator[Member]:
        """The files in it, each to be read before the next one is asked for.

        Raises:
            ArchiveDamaged: it is no archive, or not as it was written.
        """
        digest = hashlib.sha256()
        while True:
            before = digest.hexdigest()
            info = _header(_exactly(self._file, tarfile.BLOCKSIZE, digest))
            member = Member(info.name, info.size, self._file, digest)
            if info.name == _SEAL:
                self._check_seal(member, before)
                return
            yield member
            for _ in member.pieces():
                pass
            _exactly(self._file, -info.size % tarfile.BLOCKSIZE, digest)

    def _check_seal(self, member: Member, digest: str) -> None:
        match parsed(member.read(limit=_LARGEST_SEAL)):
            case dict(facts) if facts.get("sha256") == digest:
                self.facts = facts
            case _:
                raise ArchiveDamaged("what is in it is not what was put into it")


def parsed(data: bytes) -> object:
    """What some JSON says.

    Raises:
        ArchiveDamaged: it is none.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ArchiveDamaged("it holds text that cannot be read") from error


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise ArchiveDamaged("it is no tar, or cut short") from error
    if info.type != tarfile.REGTYPE or info.size < 0:
        raise ArchiveDamaged(f"it holds {info.name!r:.80}, which is no plain file")
    return info


def _exactly(file: BinaryIO, size: int, digest: _Digest) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise ArchiveDamaged("it is cut short")
    digest.update(data)
    return data
