"""Whole files through aiofiles: nothing is half written, and nothing cancelled stays open."""

import asyncio
import gc
import warnings
from pathlib import Path

import pytest

from bot import storage

OLD, NEW = b"old" * 50_000, b"new" * 50_000


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


@pytest.mark.parametrize("lasting", [False, True])
async def test_a_file_is_replaced_whole(tmp_path: Path, lasting: bool) -> None:
    path = tmp_path / "a" / "b" / "file"
    for data in (OLD, NEW, b""):
        await storage.write(path, data, lasting=lasting)
        assert await storage.read(path) == data
    assert _names(path.parent) == ["file"]
    await storage.remove(path)
    await storage.remove(path)
    with pytest.raises(FileNotFoundError):
        await storage.read(path)


async def test_what_cannot_be_written_leaves_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    await storage.write(path, OLD)
    (tmp_path / f"file{storage.UNFINISHED}").mkdir()
    with pytest.raises(IsADirectoryError):
        await storage.write(path, NEW)
    assert await storage.read(path) == OLD


async def test_a_cancelled_write_is_done_before_its_task_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        for pause in range(60):
            await storage.write(path, OLD)
            task = asyncio.create_task(storage.write(path, NEW))
            await asyncio.sleep(0 if pause < 3 else 0.0001 * (pause % 20))
            task.cancel()
            await asyncio.wait([task])
            # Nothing goes on behind the back of whoever deletes or writes it next.
            assert _names(tmp_path) == ["file"]
            assert path.read_bytes() in {OLD, NEW}
        gc.collect()
    assert [str(one.message) for one in caught if "unclosed file" in str(one.message)] == []
