"""Headless Chromium for tests, driven by plain WebDriver over HTTP."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not on the PATH")
KEYS = {"Enter": "\ue007", "Space": " ", "Tab": "\ue004"}
SECONDS = 60


class Browser:
    """A browser with a profile of its own, closed on leaving the context.

    Example:
        with Browser() as browser:
            browser.open(page)
            assert browser.run("return document.title") == "Report"
            assert not browser.console() and not browser.requests()
    """

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(ignore_cleanup_errors=True)
        self._opener = build_opener(ProxyHandler({}))
        self._driver = subprocess.Popen([str(DRIVER), "--port=0"], stdout=subprocess.PIPE, text=True)
        try:
            self._url = f"http://127.0.0.1:{self._port()}/session"
            self._url += "/" + self._send("POST", "", {"capabilities": {"alwaysMatch": self._wanted()}})["sessionId"]
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._send("DELETE", "")
        finally:
            self._stop()

    def open(self, path: Path) -> None:
        """Open a file; what was logged before is forgotten."""
        self.console()
        self.requests()
        self._send("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of a JavaScript function and give what it returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, css: str) -> None:
        """Click the first element that a selector finds, as a reader would: it must be in reach of the pointer."""
        self._send("POST", f"/element/{self._find(css)}/click", {})

    def press(self, css: str, key: str) -> None:
        """Focus the first element that a selector finds and press a key: Enter, Space or Tab."""
        self._send("POST", f"/element/{self._find(css)}/value", {"text": KEYS[key]})

    def size(self, width: int, height: int) -> None:
        """Show pages as on a screen of so many CSS pixels, a telephone's if it is narrow."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.devtools("Emulation.setDeviceMetricsOverride", **metrics)

    def media(self, scheme: str = "light", medium: str = "") -> None:
        """Prefer a colour scheme, "light" or "dark", and show pages for a medium, "" or "print"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", media=medium, features=features)

    def screenshot(self, path: Path, top: int = 0, height: int = 0) -> None:
        """Save a picture of the page from top to bottom, or of a stretch of it."""
        width, whole = self.run("const e=document.documentElement; return [e.clientWidth, e.scrollHeight]")
        clip = {"x": 0, "y": top, "width": width, "height": height or whole - top, "scale": 1}
        taken = self.devtools("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(b64decode(taken["data"]))

    def printed(self, path: Path) -> None:
        """Save the page as it is printed, as PDF."""
        path.write_bytes(b64decode(self._send("POST", "/print", {"page": {"width": 21, "height": 29.7}})))

    def console(self) -> list[str]:
        """Return what the console was told since it was last asked: errors, warnings, breaches of the policy."""
        return [f"{entry['level']}: {entry['message']}" for entry in self._log("browser")]

    def requests(self, stopped: bool = True) -> list[str]:
        """Return the URLs asked for since it was last asked, but for files, data and the browser's own.

        Args:
            stopped: Whether to count what the page's policy stopped before it left the browser.
        """
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        failed = [event["params"] for event in events if event["method"] == "Network.loadingFailed"]
        held = set() if stopped else {each["requestId"] for each in failed if each.get("blockedReason") == "csp"}
        urls = [each["request"]["url"] for each in sent if each["requestId"] not in held]
        return [url for url in urls if not url.startswith(("file:", "data:", "chrome:", "chrome-untrusted:"))]

    def dialog(self) -> bool:
        """Tell whether a dialog is open."""
        try:
            self._send("GET", "/alert/text")
        except RuntimeError:
            return False
        return True

    def accept(self) -> None:
        """Close the dialog that is open."""
        self._send("POST", "/alert/accept", {})

    def devtools(self, command: str, **parameters: object) -> Any:
        """Send a command of the DevTools protocol and give its result."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _wanted(self) -> dict[str, object]:
        flags = [*FLAGS, f"--user-data-dir={self._folder.name}"]
        return {
            "goog:chromeOptions": {"binary": CHROMIUM, "args": flags},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "unhandledPromptBehavior": "ignore",
        }

    def _port(self) -> int:
        for line in self._driver.stdout or []:
            if found := re.search(r"started successfully on port (\d+)", line):
                return int(found[1])
        raise RuntimeError(f"{DRIVER} ended with {self._driver.wait()} before it listened")

    def _find(self, css: str) -> str:
        return next(iter(self._send("POST", "/element", {"using": "css selector", "value": css}).values()))

    def _log(self, kind: str) -> list[dict[str, Any]]:
        return self._send("POST", "/se/log", {"type": kind})

    def _send(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return json.load(answer)["value"]
        except OSError as error:
            said = error.read().decode() if hasattr(error, "read") else str(error)
            raise RuntimeError(f"{method} {path}: {said[:400]}") from error

    def _stop(self) -> None:
        self._driver.terminate()
        self._driver.wait(SECONDS)
        if self._driver.stdout:
            self._driver.stdout.close()
        self._folder.cleanup()
