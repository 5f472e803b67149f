"""Command lines made to break; `python -m tests.made_to_break commands` makes many more."""

from pathlib import Path

from tests.made_to_break.campaign import Run, break_command_lines


def test_odd_command_lines_end_with_0_or_with_2_and_a_word_about_it(tmp_path: Path) -> None:
    break_command_lines(Run(examples=100), tmp_path)
