"""The layers of the chat stay low: no long chain of files that build on one another."""

from functools import cache

import grimp

LONGEST = 7


def test_no_chain_of_imports_is_long() -> None:
    graph = grimp.build_graph("bot", cache_dir=None)
    chat = {"bot.chat", *graph.find_descendants("bot.chat")}

    @cache
    def chain(module: str) -> tuple[str, ...]:
        below = graph.find_modules_directly_imported_by(module) & chat
        return (module, *max(map(chain, sorted(below)), key=len, default=()))

    longest = max(map(chain, sorted(chat)), key=len)
    assert len(longest) <= LONGEST, " > ".join(longest)
