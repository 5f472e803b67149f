"""How long the ledger takes to say whose order is next: `python -m benchmarks.whose_turn`.

10,000 orders of 2,000 people wait, first in a new ledger, then in one that holds a million finished
orders; in SQLite, and in a PostgreSQL of its own with that server's own settings. To begin an order
is a whole transaction: read, written, and committed to the disk. Prints the plans, too.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.queue import NEXT
from tests.postgresql import programs, serving

PEOPLE: Final = 2000
TURNS: Final = 1000
_NUMBERS: Final = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
)
# Nothing in them comes from outside.
# ruff: noqa: S608
_FILL: Final = (
    "INSERT INTO patrons (user_id, served_at)"
    f" {_NUMBERS} SELECT n, CASE WHEN n % 3 > 0 THEN :now END FROM numbers WHERE n <= {PEOPLE}"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO pictures (id, chat_id, thread_id, private, message_id, user_id, kind, file_id,"
    " file_unique_id, state, path, width, height, received_at)"
    " VALUES (1, 1, 0, true, 1, 1, 'photo', 'a', 'a', 'ready', 'a.jpg', 9, 9, :now)"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO orders (id, chat_id, thread_id, private, user_id, source, reply_to, content_id,"
    " wishes, language, state, epoch, deaths, card_has_photo, created_at, started_at, finished_at,"
    " served)"
    f" {_NUMBERS} SELECT :first + n, 1, 0, true, 1 + n * 7 % {PEOPLE}, :first + n, 1, 1,"
    " '{}', 'en', :state, 0, 0, false, :now, :done, :done, n % 3 FROM numbers",
    "INSERT INTO order_styles (order_id, position, picture_id)"
    f" {_NUMBERS} SELECT :first + n, 0, 1 FROM numbers",
)


async def fill(url: str, state: str, first: int, count: int) -> None:
    """Write orders down, `count` of them, with the ids that follow `first`."""
    engine = create_async_engine(url)
    sqlite = engine.dialect.name == "sqlite"
    now = "'2026-01-01 12:00:00.000000'" if sqlite else "'2026-01-01 12:00+00'::timestamptz"
    values = {
        ":now": now,
        ":done": now if state == "done" else "NULL" if sqlite else "NULL::timestamptz",
        ":state": f"'{state}'",
        ":first": str(first),
        ":count": str(count),
    }
    async with engine.begin() as connection:
        for statement in _FILL:
            for name, value in values.items():
                statement = statement.replace(name, value)  # noqa: PLW2901
            if not sqlite:
                statement = statement.replace(f"{first} + n, 1, 1,", f"({first} + n)::text, 1, 1,")  # noqa: PLW2901
            await connection.execute(text(statement))
    if not sqlite:
        # What the server's own autovacuum does within a minute.
        async with engine.connect() as connection:
            vacuum = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await vacuum.execute(text("VACUUM ANALYZE"))
    await engine.dispose()


async def turns(url: str, number: int) -> tuple[list[float], list[float]]:
    """Milliseconds that it took to find each of so many orders, and in all to begin it."""
    ledger = await Ledger.open(url)
    asked, begun = [], []
    for _ in range(number):
        began = time.perf_counter()
        async with ledger.begin() as transaction:
            asks = time.perf_counter()
            for query in NEXT:
                found = await transaction._read(query)  # noqa: SLF001 (what claim_next begins with)
            asked.append(1000 * (time.perf_counter() - asks))
            order = await transaction.claim_next()
        begun.append(1000 * (time.perf_counter() - began))
        if order is None or order.id != found[0].id:
            raise RuntimeError("this is not whose turn it is")
    await ledger.close()
    return asked, begun


async def plan(url: str) -> list[str]:
    """How the database finds the next order."""
    engine = create_async_engine(url)
    words = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    lines: list[str] = []
    async with engine.connect() as connection:
        for query in NEXT:
            compiled = query.compile(engine, compile_kwargs={"literal_binds": True})
            rows = await connection.execute(text(f"{words} {compiled}"))
            lines += [str(row[-1]) for row in rows]
    await engine.dispose()
    return lines


def measure(name: str, url: str, *, finished: int, say: Callable[[str], None]) -> None:
    """One database, before and after it has a history."""
    asyncio.run(fill(url, "queued", 0, 10_000))
    row(f"{name}, new", asyncio.run(turns(url, TURNS)), say)
    asyncio.run(fill(url, "done", 1_000_000, finished))
    row(f"{name}, {finished:,} finished", asyncio.run(turns(url, TURNS)), say)
    for line in asyncio.run(plan(url)):
        say(f"    {line}")


def row(name: str, took: tuple[list[float], list[float]], say: Callable[[str], None]) -> None:
    """One line of the table."""
    cuts = [statistics.quantiles(times, n=100) for times in took]
    say(f"{name:<32}" + "".join(f" {cut[49]:>8.2f} {cut[98]:>8.2f}" for cut in cuts))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--finished", type=int, default=1_000_000)
    finished = parser.parse_args().finished

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    say(f"Milliseconds; the first {TURNS} of 10,000 orders of {PEOPLE} people")
    say(f"{'':<32} {'to find the next':>17} {'to begin it':>17}")
    say(f"{'':<32} {'median':>8} {'99 %':>8} {'median':>8} {'99 %':>8}")
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'ledger.sqlite3'}"
        asyncio.run(made(url))
        measure("SQLite", url, finished=finished, say=say)
    if (folder_of_programs := programs()) is None:
        say("PostgreSQL is not installed")
        return
    with serving(folder_of_programs, {"listen_addresses": ""}) as server:
        url = server.url(asyncio.run(server.create()))
        asyncio.run(made(url))
        measure("PostgreSQL", url, finished=finished, say=say)


async def made(url: str) -> None:
    """Make the ledger's tables."""
    await (await Ledger.open(url)).close()


if __name__ == "__main__":
    main()
