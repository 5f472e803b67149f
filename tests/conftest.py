"""What all tests have in common, and the processes that they start."""

from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

_END = "-----END CERTIFICATE-----\n"


@pytest.fixture(scope="session", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust a single authority: each client reads them all, though loopback needs none.

    That takes 27 ms of each client, and hundreds are made.
    """
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition(_END)
    path = tmp_path_factory.mktemp("tls") / "authority.pem"
    path.write_text(first + end, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, lest one worker be left with it when the others are done."""
    items.sort(key=lambda item: item.path.parent.name != "e2e")
