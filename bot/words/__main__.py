"""`python -m bot.words`: bring the catalogues up to date with the code (`make words`).

It extracts the English sentences, merges them into every language's `atelier.po` and compiles
those. The exit code is 1 while a language lacks a translation.
"""

import argparse
import sys

from bot.words import catalogues


def main(arguments: list[str] | None = None) -> int:
    """Run the command; see this module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bot.words", description=__doc__)
    parser.add_argument("--new", metavar="LANGUAGE", help="begin a language, such as nl or pt_BR")
    options = parser.parse_args(arguments)
    if options.new is not None:
        catalogues.begin(options.new)
    lacking = catalogues.renew()
    for language, number in lacking.items():
        sys.stdout.write(f"{language:8} {f'{number} to translate' if number else 'complete'}\n")
    return int(any(lacking.values()))


if __name__ == "__main__":
    sys.exit(main())
