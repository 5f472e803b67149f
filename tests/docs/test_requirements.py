"""requirements.txt, for whoever installs with pip alone."""

from __future__ import annotations

import subprocess
import sys

from tests.docs.pages import ROOT


def test_one_line_leads_to_the_lock() -> None:
    """pip itself follows it; nothing is downloaded, since this environment has it all."""
    assert (ROOT / "requirements.txt").read_text() == "-r requirements.lock\n"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--no-index"),
            *("--disable-pip-version-check", "-r", "requirements.txt"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Requirement already satisfied: tensorflow==" in done.stdout
    assert "(from -r requirements.lock" in done.stdout
