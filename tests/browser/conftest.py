"""Headless Chromium without a network, for the tests of pages."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
# Everything, this computer's own servers too, by way of a port that nobody listens on.
OFFLINE = ("--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """One browser for all tests; its network is cut off by the kernel, or else by a dead proxy."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("skipped: needs chromium")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    alone = isolated(tmp_path_factory.mktemp("browser"))
    options.binary_location = str(alone or CHROMIUM)
    for word in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    if alone:
        # The driver's way in that needs no network.
        options.add_argument("--remote-debugging-pipe")
    else:
        for word in OFFLINE:
            options.add_argument(word)
    if alone or os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def isolated(folder: Path) -> Path | None:
    """A program that starts Chromium in a network of its own, which is empty; None if it cannot."""
    apart = ["unshare", "--map-root-user", "--net"]
    try:
        subprocess.run([*apart, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    wrapper = folder / "chromium"
    wrapper.write_text(f'#!/bin/sh\nexec {" ".join(apart)} "{CHROMIUM}" "$@"\n')
    wrapper.chmod(0o755)
    return wrapper
