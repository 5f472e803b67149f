import asyncio
import socket

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.http_server import CannotListen, serving
from bot.listen_address import ListenAddress


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        (" localhost:1 ", "localhost", 1),
        ("[::1]:9090", "::1", 9090),
        (":9090", "0.0.0.0", 9090),  # noqa: S104
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    address = ListenAddress.parse(text)
    assert (address.host, address.port) == (host, port)
    assert ListenAddress.parse(str(address)) == address


@pytest.mark.parametrize(
    ("host", "reached_at"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.1", "10.0.0.1")],  # noqa: S104
)
def test_whoever_listens_everywhere_is_reached_here(host: str, reached_at: str) -> None:
    assert ListenAddress(host=host, port=1).reached_at == reached_at


@given(st.text(max_size=12) | st.from_regex(r"[a-z:\[\]0-9.]{0,12}:[0-9]{1,6}", fullmatch=True))
def test_what_is_read_can_be_written_and_the_rest_is_a_value_error(text: str) -> None:
    try:
        address = ListenAddress.parse(text)
    except ValueError:
        return
    assert 1 <= address.port <= 65535
    assert ListenAddress.parse(str(address)) == address


async def test_a_port_that_is_taken_is_told_with_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = ListenAddress(host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(CannotListen) as refused:
            async with asyncio.timeout(10), serving(web.Application(), address, setting="THIS"):
                pass
    assert str(refused.value).startswith(f"THIS: {address} cannot be listened on (")
    assert "\n" not in str(refused.value)
