"""The gallery's pictures, as they are copied among the studio's own."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.gallery import Gallery, Style
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import PictureKind, PictureState
from bot.studio.pictures.files import Files
from bot.studio.pictures.gallery_copies import GalleryCopies, StyleGone
from bot.studio.pictures.retention import Retention
from tests.bot.studio.scenes import Clock, ready_picture, wanted

MakePicture = Callable[..., bytes]


@pytest.fixture
def folder(tmp_path: Path, picture: MakePicture) -> Path:
    folder = tmp_path / "styles"
    folder.mkdir()
    (folder / "quilt.png").write_bytes(picture(kind="PNG"))
    return folder


@pytest.fixture
def copies(ledger: Ledger, files: Files, folder: Path) -> GalleryCopies:
    return GalleryCopies(ledger, files, Gallery(folder))


def style(copies: GalleryCopies, name: str) -> Style:
    found = copies.gallery.find(name)
    assert found is not None
    return found


async def test_a_style_is_copied_once(
    copies: GalleryCopies, files: Files, picture: MakePicture
) -> None:
    first, again, mosaic = await asyncio.gather(
        *(copies.picture(style(copies, name)) for name in ("quilt", "quilt", "mosaic"))
    )
    assert first == again
    assert (first.kind, first.state) == (PictureKind.SHIPPED, PictureState.READY)
    assert (first.width, first.height) == (64, 48)
    assert first.path is not None
    assert first.path.endswith(".png")
    assert await files.read(first.path) == picture(kind="PNG")
    assert mosaic.id != first.id


async def test_another_process_finds_it_again(
    ledger: Ledger, files: Files, folder: Path, copies: GalleryCopies
) -> None:
    first = await copies.picture(style(copies, "quilt"))
    later = GalleryCopies(ledger, files, Gallery(folder))
    assert await later.picture(style(later, "quilt")) == first


async def test_a_lost_copy_is_made_again(copies: GalleryCopies, files: Files) -> None:
    first = await copies.picture(style(copies, "quilt"))
    assert first.path is not None
    await files.delete(first.path)
    again = await copies.picture(style(copies, "quilt"))
    assert again.id == first.id
    assert again.path is not None
    assert await files.read(again.path)


async def test_an_exchanged_picture_is_another_one(
    copies: GalleryCopies, files: Files, folder: Path, picture: MakePicture
) -> None:
    before = await copies.picture(style(copies, "quilt"))
    (folder / "quilt.png").write_bytes(picture(32, 32, "PNG", 1))
    after = await copies.picture(style(copies, "quilt"))
    assert after.id != before.id
    assert after.width == 32
    assert before.path is not None
    assert await files.read(before.path)


@pytest.mark.parametrize("content", [None, b"no picture any more"])
async def test_a_style_that_is_no_more(
    copies: GalleryCopies, folder: Path, content: bytes | None
) -> None:
    quilt = style(copies, "quilt")
    if content is None:
        (folder / "quilt.png").unlink()
    else:
        (folder / "quilt.png").write_bytes(content)
    with pytest.raises(StyleGone):
        await copies.picture(quilt)


async def test_a_copy_goes_when_its_style_is_gone_and_no_order_needs_it(
    copies: GalleryCopies, ledger: Ledger, files: Files, folder: Path, clock: Clock
) -> None:
    week = timedelta(days=7)
    tidier = Retention(ledger, files, retention=week, offered=copies.offered, now=clock)
    quilt = await copies.picture(style(copies, "quilt"))
    mosaic = await copies.picture(style(copies, "mosaic"))
    async with ledger.begin() as transaction:
        photo = await ready_picture(transaction)
        order = await transaction.place_order(wanted(photo, quilt), limit=1)
        running = await transaction.claim_next()
        assert running is not None
        await transaction.fail(order.id, running.epoch, failure="internal")
        [news] = await transaction.due_deliveries(clock())
        await transaction.delivery_sent(news.id, 1)
    (folder / "quilt.png").unlink()
    # The buttons under its painting may still be pressed.
    assert await tidier.tidy_styles() == 0
    clock.now += week
    assert await tidier.tidy_styles() == 1
    assert await tidier.tidy_styles() == 0
    async with ledger.begin() as transaction:
        known = [await transaction.picture(one.id) for one in (quilt, mosaic)]
    assert [one and one.state for one in known] == [PictureState.GONE, PictureState.READY]
    assert quilt.path is not None
    with pytest.raises(FileNotFoundError):
        await files.read(quilt.path)


async def test_a_style_that_comes_back_is_copied_anew(
    copies: GalleryCopies, ledger: Ledger, files: Files, folder: Path
) -> None:
    tidier = Retention(ledger, files, retention=timedelta(0), offered=copies.offered)
    first = await copies.picture(style(copies, "quilt"))
    data = (folder / "quilt.png").read_bytes()
    (folder / "quilt.png").unlink()
    assert await tidier.tidy_styles() == 1
    (folder / "quilt.png").write_bytes(data)
    copies.gallery.refresh()
    again = await copies.picture(style(copies, "quilt"))
    assert (again.id, again.state) == (first.id, PictureState.READY)
    assert again.path is not None
    assert await files.read(again.path) == data
    assert await tidier.tidy_styles() == 0
