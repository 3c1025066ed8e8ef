"""The Chromium that tests drive, if there is one."""

import os
import shutil
from pathlib import Path

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
MISSING = (
    "Chromium is not installed: apt-get install chromium (or the like), or name another one with "
    "CHROMIUM=/path/to/chrome"
)
# Its calls home are refused behind a firewall, and hold the start up; root needs no sandbox.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
PATIENCE = 60_000
"""Milliseconds to wait for the page; a busy machine is no failure."""
AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
AXE_MISSING = "web/node_modules is missing: scripts/web.sh check installs it"
