import errno
import os
import pwd
from pathlib import Path

import pytest

from bot.instance import DataDirectoryInUse, DataDirectoryUnusable, sole_user


def test_a_directory_is_made_and_held_by_one_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with (
        sole_user(folder),
        pytest.raises(DataDirectoryInUse, match="stop it first"),
        sole_user(folder),
    ):
        pass
    with sole_user(folder):
        assert folder.is_dir()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DataDirectoryUnusable, match=r"^DATA_DIR .* \(Not a directory\): "),
        sole_user(tmp_path / "file" / "data"),
    ):
        pass


@pytest.mark.parametrize("uid", [os.geteuid(), 54321])
def test_whose_a_forbidden_directory_is_and_how_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int
) -> None:
    owner = pwd.getpwuid(tmp_path.stat().st_uid).pw_name
    mine = uid == os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    folder = tmp_path / "not" / "there"
    error = PermissionError(errno.EACCES, "Permission denied", str(folder))
    me, command = (owner, "chmod -R u+rwX") if mine else (f"user {uid}", f"chown -R {uid}")
    assert str(DataDirectoryUnusable(folder, error)) == (
        f"DATA_DIR {folder} cannot be written to"
        f" (Permission denied; {tmp_path} belongs to {owner}, the bot runs as {me}):"
        f" `{command} {tmp_path}`, or name another directory."
    )
