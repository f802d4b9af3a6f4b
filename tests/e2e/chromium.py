"""A real browser for tests: Chromium over the DevTools pipe, with real mouse clicks and key presses."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
    "--window-size=1400,1000",
)  # fmt: skip
PATIENCE = 120
"""Seconds for an answer: axe takes half a minute on a long page where others use the machine."""


class Browser:
    """One page. ``complaints`` collects console messages and exceptions, ``requests`` every address asked for."""

    def __init__(self, profile):
        down_read, self._down = os.pipe()
        self._up, up_write = os.pipe()

        def wire():  # Chromium reads commands from descriptor 3 and writes answers to 4
            source, target = fcntl.fcntl(down_read, fcntl.F_DUPFD, 20), fcntl.fcntl(up_write, fcntl.F_DUPFD, 20)
            os.dup2(source, 3)
            os.dup2(target, 4)

        command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, preexec_fn=wire, pass_fds=(3, 4), stderr=subprocess.DEVNULL)
        os.close(down_read)
        os.close(up_write)
        self._buffer, self._number, self._session = b"", 0, None
        self.complaints, self.requests, self._loaded = [], [], False
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self._write({"id": 0, "method": "Browser.close"})
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._down)
        os.close(self._up)

    def open(self, address):
        self.complaints, self.requests, self._loaded = [], [], False
        self.send("Page.navigate", url=address)
        self._wait()

    def follow(self, selector):
        """Click a link and wait for the page that it leads to: a question asked on the way would go astray."""
        self._loaded = False
        self.click(selector)
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + PATIENCE
        while not self._loaded:
            self._read(deadline)

    def run(self, expression):
        """Return the value of a JavaScript expression."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def fonts(self, selector):
        """Return the fonts that drew an element's text: name, number of glyphs, whether the page brought it."""
        for domain in ("DOM", "CSS"):
            self.send(f"{domain}.enable")
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        return self.send("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]

    def click(self, selector):
        """Click the middle of an element with the mouse, scrolled into view first."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{found}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        left, top, width, height = self.run(f"(b => [b.x, b.y, b.width, b.height])({found}.getBoundingClientRect())")
        place = {"x": left + width / 2, "y": top + height / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def send(self, method, **params):
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": params}
        self._write(message | ({"sessionId": self._session} if self._session else {}))
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._read(deadline)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _write(self, message):
        os.write(self._down, json.dumps(message).encode() + b"\0")

    def _read(self, deadline):
        while b"\0" not in self._buffer:
            if not select.select([self._up], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("Chromium does not answer")
            chunk = os.read(self._up, 1 << 16)
            if not chunk:
                raise ConnectionError("Chromium has ended")
            self._buffer += chunk
        text, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(text)
        method, params = message.get("method"), message.get("params", {})
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.complaints.append(params)
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True
        return message
