"""The commands of `python -m bot`, and what may follow each."""

import argparse
from pathlib import Path

from bot.demo import demonstration
from bot.demo.web import command as web
from bot.engines.remote.role import DEFAULT_NAME


def parser() -> argparse.ArgumentParser:
    """What `python -m bot` understands; `command` is "run" where none is named."""
    root = argparse.ArgumentParser(
        prog="python -m bot", description="Atelier: two photos become a painting, in Telegram."
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="the bot, with settings from the environment and .env")
    commands.add_parser("check", help="check settings, weights, device, token and data directory")
    save = commands.add_parser("backup", help="write everything into one file, while the bot runs")
    save.add_argument("file", type=Path, metavar="FILE", help="a new file, or - for the output")
    save.add_argument(
        "--with-secrets", action="store_true", help="the webhook's secret token goes along"
    )
    back = commands.add_parser("restore", help="bring a backup back, into an empty place")
    back.add_argument("file", type=Path, metavar="FILE", help="what backup has written")
    commands.add_parser("worker", help="paint for a bot elsewhere that has the same DATABASE_URL")
    role = commands.add_parser("worker-role", help="make a database role for workers")
    role.add_argument("--name", default=DEFAULT_NAME, help="the role's (default: %(default)s)")
    show = commands.add_parser("demo", help="the whole bot on two photos, without an account")
    show.add_argument(
        "--content", type=Path, default=demonstration.CONTENT, help="the photo (default: a sample)"
    )
    show.add_argument(
        "--style", type=Path, default=demonstration.STYLE, help="the style (default: a sample)"
    )
    show.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="default: %(default)s"
    )
    show.add_argument(
        "--web", action="store_true", help="on a page in the browser, where you do the talking"
    )
    show.add_argument(
        "--port", type=int, metavar="N", help=f"of the page (default: {web.PORT} if it is free)"
    )
    show.add_argument(
        "--listen",
        default=web.LOOPBACK,
        metavar="ADDRESS",
        help="where the page listens (default: %(default)s, for this machine alone)",
    )
    root.set_defaults(command="run")
    return root
