import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.webhook_settings import SECRET_FILE, SECRET_SHAPE, kept_secret, public_address


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    made = kept_secret(tmp_path)
    assert SECRET_SHAPE.fullmatch(made)
    assert len(made) > 40
    assert kept_secret(tmp_path) == made
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    assert kept_secret(tmp_path) != kept_secret_elsewhere(tmp_path)


def kept_secret_elsewhere(folder: Path) -> str:
    (folder / "other").mkdir()
    return kept_secret(folder / "other")


@pytest.mark.parametrize("damaged", ["", "two\nlines", "s" * 257])
def test_a_secret_that_cannot_be_one_is_made_anew(tmp_path: Path, damaged: str) -> None:
    (tmp_path / SECRET_FILE).write_text(damaged)
    (tmp_path / SECRET_FILE).with_suffix(".part").write_text("left by a kill")
    made = kept_secret(tmp_path)
    assert SECRET_SHAPE.fullmatch(made)
    assert (tmp_path / SECRET_FILE).read_text() == made


@pytest.mark.parametrize(
    "url", ["https://a.example/", "https://a.example:8443/x/y", "https://1.2.3.4"]
)
def test_telegram_brings_updates_there(url: str) -> None:
    assert public_address(f" {url} ", own_server=False) == url


@pytest.mark.parametrize("url", ["http://a.example/", "https://a.example:81/"])
def test_a_server_of_ones_own_brings_them_there_too(url: str) -> None:
    assert public_address(url, own_server=True) == url
    with pytest.raises(ValueError, match=r"https|port"):
        public_address(url, own_server=False)


@given(st.text() | st.text().map("https://{}".format), st.booleans())
def test_whatever_is_no_address_is_a_value_error(text: str, own_server: bool) -> None:
    try:
        address = public_address(text, own_server=own_server)
    except ValueError:
        return
    assert address == text.strip()
