"""Chromium without a window, as a judge of what is meant for browsers."""

import io
import json
from pathlib import Path

import numpy as np
from conftest import need_program
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Browser:
    """One page at a time. `run` is a piece of JavaScript; `shot` is what is seen, RGB uint8 [height, width, 3]."""

    def __init__(self, folder: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = need_program("chromium")
        for option in (*OPTIONS, f"--user-data-dir={folder}"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(need_program("chromedriver")))
        self.run = self.driver.execute_script

    def open(self, address: str | Path, size=(1280, 720), *, reduced=False, dark=False, media="") -> None:
        """Show a page, from nothing, in a window of a size in pixels, to someone with these wishes, or in print."""
        self.driver.get("about:blank")
        self.log()
        self.sent()
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        motion = {"name": "prefers-reduced-motion", "value": "reduce" if reduced else "no-preference"}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [motion, scheme]})
        self.driver.get(address.as_uri() if isinstance(address, Path) else address)

    def shot(self) -> np.ndarray:
        """The pixels of the page."""
        return np.asarray(Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB"))

    def log(self) -> list[str]:
        """What the console was told since last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def sent(self) -> list[str]:
        """The addresses of all requests since last asked, those inside the page left out."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
        return [each for each in asked if not each.startswith("data:")]
