"""Fetching over a bad line, and where there is no way at all."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from telegram import Bot

from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import PictureState
from bot.studio.ledger.repository import utc_now
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import (
    FAULTS_ALLOWED,
    GIVE_UP_AFTER,
    Fetcher,
)
from bot.studio.pictures.files import Files
from bot.telegram.downloads import Downloads
from tests.bot.studio.fetching import Maker, announced, fetch, refusal_of, waited_for

LOST_FILE = ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize(
    "fault", [faults.lost_request(), faults.bad_gateway(), faults.lost_response()]
)
async def test_a_bad_network_is_outlived(
    fetcher: Fetcher,
    ledger: Ledger,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
    method: str,
    fault: faults.Fault,
) -> None:
    sandbox.faults.add(method, fault, times=4)
    message = await ada.send_photo(picture())
    fetched = await fetch(fetcher, ledger, await announced(ledger, message))
    assert fetched.state is PictureState.READY


async def test_a_lost_file_is_believed_after_some_tries(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    sandbox.faults.add("getFile", faults.refusal(LOST_FILE), times=2)
    first = await announced(ledger, await ada.send_photo(picture()))
    assert (await fetch(fetcher, ledger, first)).state is PictureState.READY
    sandbox.faults.add("getFile", faults.refusal(LOST_FILE), times=3)
    second = await waited_for(ledger, await ada.send_photo(picture(seed=1)))
    await fetch(fetcher, ledger, second)
    assert (await refusal_of(ledger, second)).name == "Gone"


async def test_a_link_that_expired_is_asked_for_anew(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    sandbox.faults.add("download", faults.refusal(ApiError(404, "Not Found")))
    pending = await announced(ledger, await ada.send_photo(picture()))
    assert (await fetch(fetcher, ledger, pending)).state is PictureState.READY
    assert len(sandbox.calls("getFile")) == 2


async def test_after_a_day_it_is_given_up(
    bot: Bot,
    ledger: Ledger,
    files: Files,
    decoder: Decoder,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    late = utc_now() + GIVE_UP_AFTER + timedelta(minutes=1)
    fetcher = Fetcher(Downloads(bot), ledger, files, decoder, now=lambda: late)
    sandbox.faults.add("download", faults.lost_request(), times=None)
    pending = await waited_for(ledger, await ada.send_photo(picture()))
    await fetch(fetcher, ledger, pending)
    assert (await refusal_of(ledger, pending)).name == "Gone"


async def test_no_log_line_holds_the_token(
    fetcher: Fetcher,
    ledger: Ledger,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    sandbox.faults.add("download", faults.lost_request())
    sandbox.faults.add("download", faults.refusal(ApiError(404, "Not Found")))
    await fetch(fetcher, ledger, await announced(ledger, await ada.send_photo(picture())))
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("bot.")]
    assert len(ours) >= 2
    assert not any(sandbox.token in line for line in ours)


async def test_a_fault_of_ours_does_not_go_on_for_ever(
    fetcher: Fetcher,
    ledger: Ledger,
    ada: Person,
    picture: Maker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "images").write_text("a file where a folder should be: no picture can be kept")
    monkeypatch.setattr("bot.studio.pictures.fetcher._LOOK_INTERVAL", 0.02)
    pending = await waited_for(ledger, await ada.send_photo(picture()))
    await fetch(fetcher, ledger, pending)
    assert caplog.text.count("met a fault") == FAULTS_ALLOWED
    assert (await refusal_of(ledger, pending)).name == "Gone"
