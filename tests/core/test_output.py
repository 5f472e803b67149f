"""Where a painting may go, and that it goes somewhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest

from core.output import OutputError, Saved, choose, save

NOBODY = 65534
IMAGE = PIL.Image.new("RGB", (40, 30), "teal")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of somebody who may not do everything, as root may."""
    folder = Path(tempfile.mkdtemp())
    as_root = os.geteuid() == 0
    if as_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if as_root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def opens(path: Path) -> bool:
    with PIL.Image.open(path) as image:
        return image.size == IMAGE.size


def test_a_folder_that_cannot_be_written_is_found_before_the_work(folder: Path) -> None:
    folder.chmod(0o500)
    photo = str(folder / "photo.jpg")
    with pytest.raises(OutputError, match=r"Permission denied; say by -o where the painting goes"):
        choose(None, photo, "style.jpg")
    with pytest.raises(OutputError, match=r"out\.png cannot be written: Permission denied"):
        choose(str(folder / "out.png"), photo, "style.jpg")


def test_a_file_is_written_though_its_folder_takes_no_new_ones(folder: Path) -> None:
    mine = folder / "mine.png"
    mine.write_bytes(100_000 * b"x")
    folder.chmod(0o500)
    out = choose(str(mine), "photo.jpg", "style.jpg")
    assert save(IMAGE, out) == Saved(mine)
    assert opens(mine)
    assert mine.stat().st_size < 100_000
    mine.chmod(0o400)
    with pytest.raises(OutputError, match=r"mine\.png cannot be written: Permission denied"):
        choose(str(mine), "photo.jpg", "style.jpg")


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_one(folder: Path, *, exists: bool) -> None:
    link, target = folder / "link.jpg", folder / "below" / "target.jpg"
    target.parent.mkdir()
    if exists:
        target.write_bytes(b"mine")
        target.chmod(0o640)
    link.symlink_to(target)
    out = choose(str(link), "photo.jpg", "style.jpg")
    assert save(IMAGE, out) == Saved(link)
    assert link.is_symlink()
    assert opens(target)
    assert not exists or target.stat().st_mode & 0o777 == 0o640
    assert list(target.parent.iterdir()) == [target], "nothing is left beside it"


def test_links_that_lead_nowhere_are_found_before_the_work(folder: Path) -> None:
    circle, astray = folder / "circle.jpg", folder / "astray.jpg"
    circle.symlink_to(circle)
    astray.symlink_to(folder / "none" / "target.jpg")
    for link, words in ((circle, "symbolic links"), (astray, "is not a directory")):
        with pytest.raises(OutputError, match=words):
            choose(str(link), "photo.jpg", "style.jpg")


def test_a_folder_that_goes_away_loses_no_painting(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    gone, elsewhere = folder / "gone", folder / "elsewhere"
    gone.mkdir()
    elsewhere.mkdir()
    out = choose(str(gone / "out.webp"), "photo.jpg", "style.jpg")
    gone.rmdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    saved = save(IMAGE, out)
    assert saved.fault == f"{out} could not be written: No such file or directory"
    assert saved.path.parent == elsewhere
    assert saved.path.suffix == ".webp"
    assert opens(saved.path)
    monkeypatch.setattr(tempfile, "tempdir", str(gone))
    monkeypatch.chdir(folder)
    assert save(IMAGE, out).path.parent == folder
    monkeypatch.chdir(elsewhere)
    shutil.rmtree(elsewhere)
    monkeypatch.setenv("HOME", str(folder))
    assert save(IMAGE, out).path.parent == folder
    monkeypatch.setenv("HOME", str(gone))
    with pytest.raises(OutputError, match="No such file or directory"):
        save(IMAGE, out)
