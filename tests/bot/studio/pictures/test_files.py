"""Files: whole or not there, and nowhere else."""

import asyncio
import contextlib
import errno
import gc
import os
import warnings
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.studio.pictures.files import Files


def _all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    files = Files(tmp_path / "data")
    data = os.urandom(100_000)
    path = await files.write(data, ".jpg")
    assert await files.read(path) == data
    assert (tmp_path / "data" / path).read_bytes() == data
    other = await Files(tmp_path / "data").write(b"other", ".png")
    assert other != path
    assert await files.read(path) == data
    await files.delete(path)
    await files.delete(path)
    with pytest.raises(FileNotFoundError):
        await files.read(path)
    assert _all_files(tmp_path) == [tmp_path / "data" / other]


async def test_many_are_written_at_once(tmp_path: Path) -> None:
    files = Files(tmp_path)
    paths = await asyncio.gather(*(files.write(bytes([n]), ".bin") for n in range(50)))
    assert [await files.read(path) for path in paths] == [bytes([n]) for n in range(50)]


async def _interrupt(make: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Cancel what is made after ever more time."""
    for moment in range(100):
        task = asyncio.create_task(make())
        for _ in range(moment % 5):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0001 * (moment % 20))
        task.cancel()
        await asyncio.wait([task])


@contextlib.contextmanager
def _all_is_closed() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(one.message) for one in caught if "unclosed file" in str(one.message)] == []


async def test_an_interrupted_read_leaves_no_file_open(tmp_path: Path) -> None:
    files = Files(tmp_path)
    path = await files.write(b"x" * 100_000, ".bin")
    with _all_is_closed():
        await _interrupt(lambda: files.read(path))


async def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path)
    written: list[str] = []

    async def write() -> None:
        written.append(await files.write(b"x" * 100_000, ".bin"))

    with _all_is_closed():
        await _interrupt(write)
    assert {path.relative_to(tmp_path).as_posix() for path in _all_files(tmp_path)} == set(written)


async def test_a_full_disk_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    files = Files(tmp_path)
    # Its folder is there already, so that it is the file itself that finds no room.
    path = await files.write(b"x", ".jpg")
    name = UUID(Path(path).stem[:2] + "0" * 30)
    await files.delete(path)
    monkeypatch.setattr("bot.studio.pictures.files.uuid4", lambda: name)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await files.write(b"x", ".jpg")
    assert _all_files(tmp_path) == []


@given(st.text() | st.sampled_from(["../secret", "/etc/passwd", "images/../../secret.jpg"]))
def test_no_path_leads_out(path: str) -> None:
    files = Files(Path("/nonexistent"))
    with pytest.raises(ValueError, match="not the path"):
        asyncio.run(files.read(path))
    with pytest.raises(ValueError, match="not the path"):
        asyncio.run(files.delete(path))


@pytest.mark.parametrize("suffix", ["", "jpg", ".JPG", "./x", ".jpg/..", ".jpg\n"])
async def test_odd_suffixes_are_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        await Files(tmp_path).write(b"", suffix)


async def test_the_sweep_takes_only_what_nobody_names(tmp_path: Path) -> None:
    files = Files(tmp_path)
    named, orphan, young = [await files.write(b"x", ".jpg") for _ in range(3)]
    unfinished = (tmp_path / named).with_suffix(".jpg.part")
    unfinished.write_bytes(b"half")
    (tmp_path / "ledger.db").write_bytes(b"not an image")
    for old in (tmp_path / named, tmp_path / orphan, unfinished):
        os.utime(old, (0, 0))
    assert await files.sweep({named}) == 2
    assert await files.read(named) == b"x"
    assert await files.read(young) == b"x"
    assert not (tmp_path / orphan).exists()
    assert not unfinished.exists()
    assert (tmp_path / "ledger.db").exists()


async def test_a_sweep_of_nothing(tmp_path: Path) -> None:
    assert await Files(tmp_path / "new").sweep(set()) == 0
