"""What is given to hosts for Prometheus and Grafana, tried with the real Prometheus."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.sandbox import Sandbox
from tests.bot.chat.conftest import is_painting, picture
from tests.bot.status.conftest import SlowEngine, Watched
from tests.bot.status.prometheus import WANTED, programs, running

OPERATING = Path(__file__).parents[3] / "docs" / "operating"
ALERTS = OPERATING / "alerts.yml"
SCRAPING = OPERATING / "prometheus.yml"


@pytest.fixture(scope="module")
def installed() -> tuple[str, str]:
    """Prometheus and promtool; where they are not installed their tests are skipped, not in CI."""
    found = programs()
    if found is None and os.environ.get("CI"):
        pytest.fail(WANTED)
    if found is None:
        pytest.skip(WANTED)
    return found


def queries() -> dict[str, str]:
    """The dashboard's queries, by the title of their panel and their letter."""
    dashboard: dict[str, Any] = json.loads((OPERATING / "dashboard.json").read_text())
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }


def metrics_in(text: str) -> Iterator[str]:
    yield from re.findall(r"\b(?:atelier|process)_\w+", text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", str(ALERTS)),
        ("check", "config", str(SCRAPING)),
        ("test", "rules", str(Path(__file__).with_name("alerts_test.yml"))),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_promtool_finds_nothing_wrong(installed: tuple[str, str], arguments: list[str]) -> None:
    done = subprocess.run(
        [installed[1], *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_real_prometheus_reads_the_bot_and_answers_the_dashboard(
    installed: tuple[str, str],
    watched: Watched,
    engine: SlowEngine,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    watched.begin_to_watch()
    engine.may_start.set()
    engine.may_finish.set()
    ada = sandbox.person("Ada")
    await ada.send_album([picture(1), picture(2)])
    await ada.wait_for(is_painting)

    page = (await watched.page("/metrics")).text
    families = list(text_string_to_metric_families(page))
    there = {sample.name for family in families for sample in family.samples}
    assert {*metrics_in(" ".join(queries().values())), *metrics_in(ALERTS.read_text())} <= there
    documented = metrics_in((OPERATING / "monitoring.md").read_text())
    # Of each counter and histogram the client library tells when it was made, too.
    ours = {family.name for family in families if re.match("atelier_(?!.*_created$)", family.name)}
    assert ours == {name.removesuffix("_total") for name in documented} - {"process_"}
    linted = await asyncio.create_subprocess_exec(
        installed[1], "check", "metrics", stdin=asyncio.subprocess.PIPE
    )
    await linted.communicate(page.encode())
    assert linted.returncode == 0

    config = SCRAPING.read_text().replace("127.0.0.1:9090", f"127.0.0.1:{watched.port}")
    config = config.replace("15s", "500ms").replace("alerts.yml", str(ALERTS))
    async with running(installed[0], tmp_path, config) as prometheus:
        # It takes two looks.
        await prometheus.until("rate(process_cpu_seconds_total[5m])")
        assert [sample["value"][1] for sample in await prometheus.query("up")] == ["1"]
        for title, query in queries().items():
            assert await prometheus.query(query), f"{title}: {query}"
        alerts = await prometheus.alerts()
        assert len(alerts) == 5
        assert [alert["name"] for alert in alerts if alert["alerts"]] == []
        assert [alert["lastError"] for alert in alerts if alert.get("lastError")] == []
