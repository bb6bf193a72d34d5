"""The console as a person uses it: real causeway-console, real causewayd, keys in, accessibility tree and pictures out.

    console_test.py SCENARIO CAUSEWAYD CONSOLE ARTIFACTS

    ranges         a remote range typed into the real editor, applied, searched, its user found
    restart        the service is killed and comes back
    accessibility  every page and dialog: no control without a name, nothing that the keyboard cannot leave, no access key
                   that is claimed twice
    looks          every page in light, dark, Japanese and on a small screen, kept as pictures for people
    connecting     each page is the first one while the service does not answer yet

Every scenario fails if the console told of a wx assertion.
"""

import os
import re
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from desktop import Console, Desktop, doubtful_keys, own_session, unnamed, wait_until_still  # noqa: E402
from lab import SOURCE, Service, check, isolate, say, until  # noqa: E402
from responders import Responders  # noqa: E402

CLIENTS = [f"127.20.1.{last}" for last in range(2, 12)]
SETTINGS = {"admin.listen": "127.0.0.1:8425", "lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true"}
PAGES = {"Overview": "alt+o", "Users": "alt+u", "Unstable": "alt+n", "External search": "alt+e", "Log and audit": "alt+l",
         "Preferences": "alt+p"}
PREFERENCES = ("General", "Network", "Bases", "Security", "Administrators", "Retention")
SIZES = {"small": "1024x700"}
RANGES_TAB = "Broadcast settings other than local network"
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class Scene:
    """Service, clients and desktop of one scenario."""

    def __init__(self, daemon, console, artifacts):
        self.binary = console
        self.artifacts = os.path.join(artifacts, sys.argv[1])
        shutil.rmtree(self.artifacts, ignore_errors=True)
        self.folder = tempfile.mkdtemp(prefix="causeway-gui-test-")
        self.service = Service(daemon, settings=SETTINGS, folder=self.folder)
        self.crowd = Responders(CLIENTS)
        self.desktop = Desktop(self.artifacts, SIZES.get(sys.argv[1], "1280x800"))

    def __enter__(self):
        self.service.start()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            say("---- last lines of the service\n" + "\n".join(self.service.log().splitlines()[-20:]))
        assertions = self.desktop.assertions()
        self.desktop.__exit__()
        self.crowd.__exit__()
        if self.service.process.poll() is None:
            self.service.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        text = "the console told of wx assertions:\n" + "\n".join(assertions)
        if kind is None:
            check(not assertions, text)
        elif assertions:
            say(text)

    def console(self, *words, env=None):
        console = Console(self.desktop, self.binary, "--data", self.service.data, *words, env=env)
        console.wait("frame", re.compile("Causeway"), 30)
        console.activate()
        return console

    def shoot(self, console, name):
        wait_until_still(console)
        say("  kept " + self.desktop.screenshot(name))

    def fill(self):
        """Something to look at: ranges, a base, an administrator, a finished search, audit entries."""
        for text in ("127.20.1.*  # Osaka", "127.20.2.0/28", "!127.20.1.200-127.20.1.210", "127.20.3.7"):
            status, answer = self.service.api("POST", "/v1/ranges", {"text": text, "isEnabled": True})
            check(status == 201, f"POST /v1/ranges answered {status}: {answer}")
        status, answer = self.service.api("POST", "/v1/bases", {"name": "Osaka", "segments": ["127.20.1.0/24"], "note": "second floor"})
        check(status == 201, f"POST /v1/bases answered {status}: {answer}")
        status, answer = self.service.api("POST", "/v1/admins", {"name": "alice", "role": "admin", "password": "correct horse battery"})
        check(status == 201, f"POST /v1/admins answered {status}: {answer}")
        until("the first search can start", 60, lambda: self.service.api("POST", "/v1/searches", {})[0] == 201, every=0.3)
        until("the search is over", 60, lambda: self.service.get("/v1/searches")["items"][0]["state"] == "finished", every=0.2)


def page_shows(console, title):
    """The head of the page is on the screen."""
    console.wait("label", re.compile(f"^{re.escape(title)}$"))


def head_of(title):
    """What stands above the page that the navigation calls so."""
    return {"External search": "External user search", "Unstable": "Unstable users"}.get(title, title)


def go(console, title):
    """By its key; the keyboard must then be inside the page, at something that shows."""
    console.key(PAGES[title])
    page_shows(console, head_of(title))
    until(f"something on {title} has the keyboard", 10, lambda: console.focused() or title == "Overview", every=0.2)


def open_ranges(console):
    """Preferences > Network > the second tab, by keyboard alone."""
    console.key("ctrl+comma")
    page_shows(console, "Preferences")
    console.tab_to("Pages of the preferences")
    console.key("Home", "Down")
    console.wait("page tab", RANGES_TAB)
    choose_tab(console, RANGES_TAB)
    return console.tab_to("Remote ranges, one a line")


def choose_tab(console, name):
    """Ctrl+Page Down turns the pages of a notebook from anywhere inside it."""
    console.key("Tab")
    for _ in range(6):
        tab = console.wait("page tab", name)
        if tab.is_selected:
            return
        console.key("ctrl+Next")
        try:
            until("the tab is chosen", 1.5, lambda: (now := console.find("page tab", name)) is not None and now.is_selected)
        except AssertionError:
            continue
    raise AssertionError(f"the tab '{name}' cannot be chosen by keyboard")


@scenario
def ranges(scene):
    with scene.console() as console:
        console.wait_text("connected to", 30)
        open_ranges(console)
        console.type("127.20.1.300\n")
        console.wait("table", "Problems in the ranges")
        console.wait_text(r"127\.20\.1\.300|300")
        scene.shoot(console, "range-with-a-problem")
        check(scene.service.get("/v1/ranges")["items"] == [], "an unfinished line reached the service")
        console.key("ctrl+a")
        console.type("127.20.1.*  # Osaka")
        console.wait_text(r"256 addresses")
        until("no problem is shown any more", 10, lambda: console.find("table", "Problems in the ranges") is None)
        scene.shoot(console, "range-typed")
        console.tab_to("Apply", role="push button")
        console.key("space")
        until("the range is stored", 15, lambda: [row["text"] for row in scene.service.get("/v1/ranges")["items"]] == ["127.20.1.*  # Osaka"])
        console.wait_text("Everything is applied")
        console.wait("table cell", "127.20.1.*")
        scene.shoot(console, "range-applied")

        go(console, "External search")
        console.wait("table cell", re.compile(r"127\.20\.1\.\*"))
        # The sweep that announces the new range may still run; then the search has to wait for it.
        until("the search may start", 60, lambda: (button := console.find("push button", "Start search")) is not None and button.is_enabled, every=0.3)
        console.tab_to("Start search", role="push button")
        console.key("space")
        console.wait("table cell", re.compile("User 127-20-1-5"), 60)
        until("the search is over", 60, lambda: scene.service.get("/v1/searches")["items"][0]["state"] == "finished", every=0.2)
        for address in CLIENTS:
            console.wait("table cell", re.compile(re.escape(address)), 20)
        console.wait_text(r"10 answered", 20)
        scene.shoot(console, "search-finished")

        go(console, "Users")
        console.wait("table cell", re.compile("User 127-20-1-5"), 20)
        scene.shoot(console, "users-found")


@scenario
def restart(scene):
    with scene.console() as console:
        console.wait_text("connected to", 30)
        scene.service.stop(signal.SIGKILL)
        console.wait_text(r"not answering since \S+", 40)
        scene.shoot(console, "not-answering")
        scene.service.start()
        took = until("connected again", 40, lambda: console.find(None, re.compile("connected to")) is not None, every=0.2)
        say(f"  connected again {took:.1f} s after the service came back")
        scene.shoot(console, "connected-again")


def preference_parts(console):
    """Goes through the tree of the preferences and tells each page that it opened."""
    go(console, "Preferences")
    console.tab_to("Pages of the preferences")
    console.key("Home")
    for name in PREFERENCES:
        console.wait_selected("table cell", name)
        wait_until_still(console)
        yield name
        console.key("Down")


@scenario
def accessibility(scene):
    scene.fill()
    nameless, clashes = {}, {}

    with scene.console() as console:
        console.wait_text("connected to", 30)

        def look(place):
            wait_until_still(console)
            found = unnamed(console.tree())
            if found:
                nameless[place] = found
                console.describe("unnamed-" + re.sub(r"\W+", "-", place))
            clashes[place] = doubtful_keys(console.tree(), "ounelp" + "fsavh")
            say(f"  {place}: {len(console.nodes())} objects show, {len(found)} without a name")

        for title in PAGES:
            go(console, title)
            look(title)
        for name in preference_parts(console):
            look("Preferences > " + name)
            if name == "Network":
                choose_tab(console, RANGES_TAB)
                look("Preferences > Network > " + RANGES_TAB)
                console.wait("push button", "Settings for iptux").press()
                console.wait("dialog", "Settings for iptux")
                look("Settings for iptux")
                console.key("Escape")
                until("the dialog is closed", 10, lambda: console.find("dialog") is None)
                console.tab_to("Pages of the preferences", key="shift+Tab")
            for button, title in {"Bases": {"Add base": "Add a base"},
                                  "Administrators": {"Add administrator": "Add an administrator", "Add token": "Add a token"}}.get(name, {}).items():
                console.wait("push button", button).press()
                console.wait("dialog", title)
                look(title)
                console.key("Escape")
                until("the dialog is closed", 10, lambda: console.find("dialog") is None)
            if name in ("Bases", "Administrators"):
                console.tab_to("Pages of the preferences", key="shift+Tab")
        go(console, "Users")
        console.key("ctrl+k")
        until("the palette is open", 10, lambda: len([n for n in console.nodes() if n.role in ("frame", "dialog", "window")]) > 1)
        look("Search everything")
        console.key("Escape")
        until("the palette is closed", 10, lambda: len([n for n in console.nodes() if n.role in ("frame", "dialog", "window")]) == 1)
    clashes = {place: keys for place, keys in clashes.items() if keys}
    check(not clashes, f"access keys that are taken: {clashes}")
    check(not nameless, "controls without a name:\n" + "\n".join(f"{place}: {path}" for place, paths in nameless.items() for path in paths))


def japanese():
    """The texts of the Japanese translation: English to Japanese."""
    with open(os.path.join(SOURCE, "assets", "locale", "ja.po"), encoding="utf-8") as file:
        return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', file.read(), re.MULTILINE))


def see_all(scene, name, words=(), env=None, texts=None):
    """Every page and every part of the preferences, each kept as a picture once its head or row says that it is there."""
    def said(text):
        return (texts or {}).get(text, text)

    with scene.console(*words, env=env) as console:
        console.wait("table cell", re.compile(f"^{said('Users')}$"), 30)
        until("the users are there", 30, lambda: console.find("table cell", re.compile(f"^{len(CLIENTS)}$")) is not None, every=0.3)
        for title, key in PAGES.items():
            console.key(key)
            page_shows(console, said(head_of(title)))
            if title == "Users":
                console.key("Down", "Down")  # the details of a user
            scene.shoot(console, f"{name}-{title.lower().replace(' ', '-')}")
        console.key("Home")
        for part in PREFERENCES:
            console.wait_selected("table cell", said(part))
            scene.shoot(console, f"{name}-preferences-{part.lower()}")
            if part == "Network":
                choose_tab(console, said(RANGES_TAB))
                scene.shoot(console, f"{name}-preferences-ranges")
                console.tab_to(said("Pages of the preferences"), key="shift+Tab")
            console.key("Down")


@scenario
def looks(scene):
    scene.fill()
    see_all(scene, "light")
    see_all(scene, "dark", env={"GTK_THEME": "Adwaita:dark"})
    see_all(scene, "japanese", ("--lang", "ja"), texts=japanese())


@scenario
def small(scene):
    scene.fill()
    see_all(scene, "small")


@scenario
def connecting(scene):
    """Each page is asked for as the first one while the service does not answer; it shows once the service does."""
    for page, title in (("search", "External search"), ("preferences/network/ranges", "Preferences"), ("users", "Users"),
                        ("log/audit", "Log and audit")):
        os.killpg(scene.service.process.pid, signal.SIGSTOP)
        try:
            with scene.console("--page", page) as console:
                page_shows(console, "Connect to a service")
                console.key("Tab", "Tab", "Tab", "Down", "Next", "Home")
                os.killpg(scene.service.process.pid, signal.SIGCONT)
                console.wait_text("connected to", 60)
                page_shows(console, head_of(title))
                if "/" in page:
                    console.wait_selected("page tab", RANGES_TAB if title == "Preferences" else "Audit")
                for other in PAGES:
                    go(console, other)
                say(f"  {title} was first")
        finally:
            os.killpg(scene.service.process.pid, signal.SIGCONT)


def main():
    name, daemon, console, artifacts = sys.argv[1:5]
    with Scene(os.path.abspath(daemon), os.path.abspath(console), os.path.abspath(artifacts)) as scene:
        SCENARIOS[name](scene)
    say("passed")


if __name__ == "__main__":
    isolate()
    own_session()
    main()
