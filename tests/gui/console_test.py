"""The console as a person uses it: real causeway-console, real causewayd, keys in, accessibility tree and pictures out.

    console_test.py SCENARIO CAUSEWAYD CONSOLE ARTIFACTS

    ranges         a remote range typed into the real editor, applied, searched, its user found
    restart        the service is killed and comes back
    accessibility  every page and dialog: no control without a name, nothing that the keyboard cannot leave, no access key
                   that is claimed twice
    looks          every page in light, dark, Japanese and on a small screen, kept as pictures for people
    chat           a chat domain by the assistant, its accounts, a provider with its test, chat DNS
    chat_directory from an empty service to two green marks with a real LDAP server and a real resolver
    trace          packet trace to a client that is there and to an address where nobody listens, its report and its list
    login_trace    Packet trace to an address of a chat domain
    bugreport      Help > Bug report: read, left out, replaced, saved; without a service
    visibility     who sees whom: collected, opened down to computers by keyboard, a dark block traced, light and dark
    connecting     each page is the first one while the service does not answer yet

Every scenario fails if the console told of a wx assertion.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import auth_servers as world  # noqa: E402
from desktop import Console, Desktop, doubtful_keys, own_session, unnamed, wait_until_still  # noqa: E402
from list_givers import ListGivers  # noqa: E402
from lab import SOURCE, Service, check, isolate, say, until  # noqa: E402
from responders import Responders  # noqa: E402

CLIENTS = [f"127.20.1.{last}" for last in range(2, 12)]
# The resolver of the test machine knows nothing of chat domains, and a namespace has no interface but loopback.
SETTINGS = {"admin.listen": "127.0.0.1:8425", "lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true",
            "dns.check_resolver": "false", "server.lan_address": "127.0.0.1"}
PAGES = {"Overview": "alt+o", "Users": "alt+u", "Unstable": "alt+n", "External search": "alt+e", "Packet trace": "alt+j", "Visibility": "alt+q", "Domains": "alt+d",
         "Providers": "alt+i", "Chat DNS": "alt+z", "Log and audit": "alt+l", "Preferences": "alt+p"}
PREFERENCES = ("General", "Network", "Bases", "Chat domains", "Security", "Administrators", "Retention")
LAN_ADDRESS = "10.77.0.5"
# With a network of its own the answers of the resolver count, too.
MORE_SETTINGS = {"chat_directory": {"dns.check_resolver": "true", "server.lan_address": LAN_ADDRESS},
                 "trace": {"lan.listen": f"{LAN_ADDRESS}:2425"}, "visibility": {"lan.lists": "false"}}
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
        self.service = Service(daemon, settings={**SETTINGS, **MORE_SETTINGS.get(sys.argv[1], {})}, folder=self.folder)
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
    return {"External search": "External user search", "Unstable": "Unstable users", "Domains": "Chat domains",
            "Providers": "Authentication providers"}.get(title, title)


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
            clashes[place] = doubtful_keys(console.tree(), "ounejqldizp" + "fsavh")
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


def close_dialog(console, key="Escape"):
    console.key(key)
    until("the dialog is closed", 10, lambda: console.find("dialog") is None)


@scenario
def chat(scene):
    """A chat domain by the assistant, then its accounts, a provider with its form and test, and chat DNS."""
    nameless = {}
    with scene.console() as console:
        console.wait_text("connected to", 30)

        def look(place):
            scene.shoot(console, place)
            found = unnamed(console.tree())
            if found:
                nameless[place] = found

        go(console, "Domains")
        console.wait_text("No chat domain yet")
        look("domains-empty")
        console.wait("push button", "New domain").press()
        console.wait("dialog", "New chat domain")
        console.wait_text("Which name")
        console.type("10.1.2.3")
        console.wait_text("This name cannot be used", 20)
        look("assistant-name-wrong")
        console.key("ctrl+a")
        console.type("chat.example.com")
        console.wait_text("Can be used", 20)
        look("assistant-name")
        console.key("Return")
        console.wait_text("Where is it used")
        look("assistant-where")
        console.key("alt+n")
        console.wait_text("Where are passwords checked")
        look("assistant-directory")
        console.key("alt+n")
        console.wait_text("Which certificate")
        look("assistant-certificate")
        console.key("alt+n")
        console.wait_text("How do clients find it")
        console.wait_text("Chat DNS (begins|listens)", 15)
        look("assistant-dns")
        console.key("alt+n")
        console.wait_text("Is this right")
        look("assistant-review")
        check(scene.service.get("/v1/domains")["items"] == [], "a domain was made before Create")
        console.key("alt+t")
        console.wait_text("The domain was made", 20)
        until("the domain is stored", 15, lambda: [row["name"] for row in scene.service.get("/v1/domains")["items"]] == ["chat.example.com"])
        console.wait_text(r"no\s+built-in\s+account", 20)
        look("assistant-made")
        console.wait("push button", "Accounts").press()
        console.wait("dialog", "Accounts of chat.example.com")
        console.wait_text("No account yet")
        console.wait("push button", "Add...").press()
        console.wait("dialog", "Add an account")
        console.type("alice\tAlice Baker\talice@example.com\tSales\tcorrect horse battery\tcorrect horse battery")
        look("account-add")
        console.key("Return")
        console.wait("table cell", "alice", 20)
        look("accounts")
        console.key("Escape")
        until("the accounts are closed", 10, lambda: console.find("dialog", "Accounts of") is None)
        console.wait_text(r"is set up: both marks\s+are\s+green", 40)
        look("assistant-ready")
        close_dialog(console, "alt+c")

        console.wait("table cell", "chat.example.com")
        console.wait_text("The login gate is open", 20)
        look("domains")
        console.wait("push button", "Show the supernode proof").press()
        console.wait("dialog", "Proof of the supernode mark")
        look("proof")
        close_dialog(console)
        console.wait("push button", "Edit...").press()
        console.wait("dialog", "Edit chat.example.com")
        look("domain-edit")
        close_dialog(console)
        console.wait("push button", "Accounts").press()
        console.wait("dialog", "Accounts of chat.example.com")
        console.wait("table cell", "alice", 20)
        close_dialog(console)
        console.wait("push button", "Test login").press()
        console.wait("dialog", "Test a login at chat.example.com")
        console.type("alice\twrong horse")
        console.key("Return")
        console.wait_text("Wrong password", 20)
        look("login-test-wrong")
        until("the password has the keyboard again", 5, lambda: any(node.name == "Password" for node in console.focused()))
        console.type("correct horse battery")
        console.key("Return")
        console.wait_text("accepted the name and the password", 20)
        look("login-test")
        close_dialog(console)
        console.tab_to("Show the directory proof")
        for tab in ("Supernodes", "Certificate", "History", "Facts"):
            console.key("ctrl+Next")
            until(f"Ctrl+Page Down leads to {tab}", 5, lambda: console.wait("page tab", tab).is_selected)
        for tab in ("History", "Certificate", "Supernodes", "State"):
            console.key("ctrl+Prior")
            until(f"Ctrl+Page Up leads to {tab}", 5, lambda: console.wait("page tab", tab).is_selected)
        console.wait("push button", "Delete").press()
        console.wait("dialog", "Delete a chat domain")
        look("domain-delete")
        console.type("chat.example.org")
        console.key("Return")
        console.wait_text("This is not the name")
        close_dialog(console)
        check(len(scene.service.get("/v1/domains")["items"]) == 1, "the domain went without its name")

        go(console, "Providers")
        look("providers-empty")
        console.wait("push button", "New provider").press()
        console.wait("dialog", "New provider")
        look("provider-kinds")
        console.key("Return")
        console.wait_text("Graded test")
        console.wait_text("One a line: a name, or name:port")
        look("provider-form")
        console.tab_to("Servers")
        console.type("127.0.0.1:9")
        console.tab_to("Search bases")
        console.type("dc=example,dc=com")
        console.wait("push button", "Run test").press()
        console.wait_text("A step failed", 40)
        look("provider-test")
        console.key("alt+s")
        until("the form is closed", 40, lambda: console.find("dialog") is None)
        console.wait("table cell", "OpenLDAP", 20)
        look("providers")

        go(console, "Chat DNS")
        console.wait("table cell", "chat.example.com", 20)
        console.wait_text("listens on")
        console.wait("push button", "Check").press()
        console.wait_text("resolver", 20)
        until("the check is over", 30, lambda: (button := console.find("push button", "Check")) is not None and button.is_enabled, every=0.3)
        look("chat-dns")
        console.tab_to("Other resolvers")
        choose_tab(console, "Records for other servers")
        console.wait_text("_xmpp-client._tcp", 20)
        look("chat-dns-records")
        choose_tab(console, "Secondaries and keys")
        look("chat-dns-secondaries")
    check(not nameless, "controls without a name:\n" + "\n".join(f"{place}: {path}" for place, paths in nameless.items() for path in paths))


def bring_up_card():
    """A network card with an address, in the namespace of this test."""
    for words in (["ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"],
                  ["ip", "addr", "add", f"{LAN_ADDRESS}/24", "dev", "lan0"],
                  ["ip", "link", "set", "lan1", "up"], ["ip", "link", "set", "lan0", "up"]):
        subprocess.run(words, check=True)


def bring_up_company(servers):
    """A resolver that asks chat DNS, and the name of the LDAP server, for this test alone."""
    bring_up_card()
    for file, text in (("hosts", "127.0.0.1 localhost dc1.corp.test\n"), ("resolv.conf", "nameserver 127.0.0.1\n")):
        made = servers.folder / file
        made.write_text(text)
        made.chmod(0o644)
        subprocess.run(["mount", "--bind", str(made), os.path.realpath("/etc/" + file)], check=True)
        servers.callback(subprocess.run, ["umount", os.path.realpath("/etc/" + file)], check=False)


def make_provider(console, servers, look):
    """The form of the LDAP provider, filled by keys and tested, then saved."""
    console.wait("push button", "New provider").press()
    console.wait("dialog", "New provider")
    console.key("Return")
    console.wait_text("Graded test")
    console.wait("push button", "Load from a file: Trusted certificate").press()
    console.wait("file chooser", "Choose a certificate")
    console.type(str(servers.folder / "ca.pem"))
    console.key("Return")
    until("the certificate is loaded", 20, lambda: any("BEGIN CERTIFICATE" in node.text() for node in console.nodes() if node.role == "text"))
    console.tab_to("Servers", key="shift+Tab")
    for label, text in (("Servers", "dc1.corp.test:3389"),
                        ("Name of the service account", "cn=reader,dc=corp,dc=test"),
                        ("Password of the service account", "reader secret"), ("Search bases", "dc=corp,dc=test"),
                        ("Log in as name", "ann"), ("Password of this person", world.PASSWORD)):
        console.tab_to(label)
        console.type(text)
    console.wait("push button", "Run test").press()
    console.wait_text("Every step is fine", 40)
    console.wait_text(r"Proves: ann can log in")
    look("provider-tested")
    console.key("alt+s")
    until("the form is closed", 40, lambda: console.find("dialog", "New provider") is None)


def try_certificate_files(console, servers, look):
    """A file that is not there holds the assistant; a certificate for another name is told."""
    console.key("alt+f")
    console.tab_to("Certificate file")
    console.type("/etc/ssl/no-such-file.pem")
    console.tab_to("Key file")
    console.type(str(servers.certificate[1]))
    console.key("alt+n")
    console.wait_text(r"no-such-file\.pem\s+is\s+not\s+there", 20)
    look("certificate-missing")
    console.tab_to("Certificate file")
    console.key("ctrl+a")
    console.type(str(servers.certificate[0]))
    console.key("alt+n")
    console.wait_text(r"is\s+not\s+for\s+chat\.corp\.test", 20)
    look("certificate-wrong-name")
    console.key("alt+s")
    until("nothing is said about files any more", 10, lambda: console.find(None, re.compile(r"is\s+not\s+for")) is None)


@scenario
def chat_directory(scene):
    """From an empty service to two green marks, with a real LDAP server over StartTLS and a resolver of its own."""
    nameless = {}
    with world.Servers() as servers:
        bring_up_company(servers)
        world.start_slapd(servers, 3389)
        with scene.console() as console:
            console.wait_text("connected to", 30)

            def look(place):
                scene.shoot(console, place)
                found = unnamed(console.tree())
                if found:
                    nameless[place] = found

            def page(head):
                console.key("alt+n")
                console.wait_text(head, 20)

            go(console, "Domains")
            console.wait_text("No chat domain yet")
            begin = time.monotonic()
            console.wait("push button", "New domain").press()
            console.wait_text("Which name")
            console.type("chat.corp.test")
            console.wait_text("Can be used", 20)
            page("Where is it used")
            page("Where are passwords checked")
            make_provider(console, servers, look)
            console.tab_to("Test with name")
            console.type("ann\t" + world.PASSWORD)
            console.wait("push button", "Test").press()
            console.wait_text(r"this\s+person\s+can\s+log\s+in", 40)
            look("directory-tested")
            page("Which certificate")
            try_certificate_files(console, servers, look)
            page("How do clients find it")
            page("Is this right")
            look("review")
            created = time.monotonic()
            console.key("alt+t")
            console.wait_text("The domain was made", 20)
            console.wait_text(r"is set up: both marks\s+are\s+green", 60)
            say(f"  two green marks {time.monotonic() - begin:.1f} s after New domain, {time.monotonic() - created:.1f} s after Create")
            look("ready")
            row = scene.service.get("/v1/domains")["items"][0]
            check((row["directory"]["state"], row["supernode"]["state"]) == ("fine", "fine"), f"{row}")
            check(row["login"] == "open", f"{row}")
            pairs = row["certificateFacts"]["sha256"].upper()
            fingerprint = r"\s".join(":".join(half[at:at + 2] for at in range(0, 32, 2)) for half in (pairs[:32], pairs[32:]))
            console.wait_text(fingerprint)
            close_dialog(console, "alt+c")

            console.wait("table cell", "chat.corp.test")
            console.wait_text("The login gate is open", 20)
            look("domains")
            console.tab_to("Show the directory proof")
            console.key("shift+Tab", "Right", "Right")
            console.wait_selected("page tab", "Certificate")
            console.wait_text(fingerprint)
            look("certificate")
            go(console, "Chat DNS")
            console.wait("table cell", "chat.corp.test", 20)
            look("chat-dns")
    check(not nameless, "controls without a name:\n" + "\n".join(f"{place}: {path}" for place, paths in nameless.items() for path in paths))


def choose_command(console, title):
    """By keyboard, in the list of commands."""
    console.tab_to("Commands")
    console.key("Home")
    for _ in range(20):
        row = console.find("table cell", title)
        if row is not None and row.is_selected:
            return
        console.key("Down")
        time.sleep(0.05)
    raise AssertionError(f"the command '{title}' cannot be chosen by keyboard")


def turn_to(console, name):
    """Turns the tabs of Packet trace from its list of commands."""
    console.tab_to("Commands")
    for _ in range(4):
        if console.wait("page tab", name).is_selected:
            return
        console.key("ctrl+Next")
        time.sleep(0.3)
    check(console.wait("page tab", name).is_selected, f"the tab '{name}' cannot be turned to")


@scenario
def trace(scene):
    """Packet trace: a client that is there, an address where nobody listens, retest, help, report, earlier traces."""
    nameless = {}
    doors = [socket.create_server((address, 2425)) for address in CLIENTS[:4]]  # files: the crowd answers UDP only
    with contextlib.ExitStack() as stack, scene.console() as console:
        for door in doors:
            stack.callback(door.close)

        def look(place):
            scene.shoot(console, place)
            found = unnamed(console.tree())
            if found:
                nameless[place] = found

        def newest():
            return scene.service.get("/v1/traces")["items"][0]

        def finished():
            until("the trace is over", 60, lambda: newest()["state"] != "running", every=0.3)
            return newest()

        scene.fill()
        console.wait_text("connected to", 30)
        go(console, "Packet trace")
        console.wait_text("No trace yet")
        console.wait_text("Choose To")
        check(not console.wait("push button", "Run quick").is_enabled, "a trace to nobody could be started")
        look("empty")

        # A user by some letters of his name, from the list that opens below the field.
        console.type("127-20-1-3")
        look("suggestions")
        console.key("Down", "Return")
        console.wait_text(r"iptux")
        until("the trace can start", 10, lambda: console.wait("push button", "Run quick").is_enabled)
        look("chosen")
        console.wait("push button", "Run quick").press()
        console.wait_text("The trace runs|Everything passes", 20)
        report = finished()
        check(report["verdicts"][0]["code"] == "OK", f"{report['verdicts']}")
        console.wait_text("Everything passes", 20)
        look("fine")

        # Help of a command, by F1.
        choose_command(console, "Join probe")
        console.key("F1")
        console.wait_selected("page tab", "About this command")
        until("the help shows", 10, lambda: any("Says hello as a client does" in node.text() for node in console.nodes() if node.role == "text"))
        look("help")

        # An address of nobody; then it is retested, and the retest has not passed.
        console.tab_to("To")
        console.key("ctrl+a")
        console.type("127.20.9.9")
        console.wait_text("no single user")
        console.wait("push button", "Run quick").press()
        until("the second trace began", 20, lambda: newest()["request"]["to"] == "127.20.9.9")
        bad = finished()
        check(bad["verdicts"][0]["code"] != "OK", f"{bad['verdicts']}")
        console.wait("push button", re.compile("Copy all steps"), 20)
        look("nobody-listens")
        console.wait("push button", "Retest").press()
        until("the retest began", 20, lambda: newest()["id"] != bad["id"])
        finished()
        console.wait_text("Retest\\s+not\\s+passed", 20)
        look("retest")

        # Everything, with the path.
        console.tab_to("To")
        console.key("ctrl+a")
        console.type(CLIENTS[1])
        until("the trace can start", 10, lambda: console.wait("push button", "Run all").is_enabled)
        console.wait("push button", "Run all").press()
        until("the whole trace began", 20, lambda: newest()["request"]["kind"] == "full")
        console.wait_text("The trace runs", 20)
        look("running")
        until("the whole trace is over", 150, lambda: newest()["state"] != "running", every=0.5)
        look("all")
        choose_command(console, "Path")
        turn_to(console, "Path")
        look("path")
        turn_to(console, "Earlier traces")
        look("earlier")
        check(len(scene.service.get("/v1/traces")["items"]) == 4, "not every trace is in the list")

        # The report in a file.
        console.wait("push button", "Report...").press()
        console.wait("menu item", "For reading (HTML)...")
        console.key("Down", "Return")
        console.wait("file chooser", "Save the report")
        saved = os.path.join(scene.folder, "report.html")
        console.key("ctrl+a")
        console.type(saved)
        console.wait("push button", "Save").press()
        until("the report is saved", 20, lambda: os.path.exists(saved) and os.path.getsize(saved) > 1000)
        check("<html" in open(saved, encoding="utf-8").read(), "the report is no page")

        # From a user's page.
        go(console, "Users")
        console.wait("table cell", re.compile("User 127-20-1-5"), 20)
        console.key("Down", "Down")
        console.wait("push button", "Trace").press()
        page_shows(console, "Packet trace")
        until("the user is To", 10, lambda: any(node.name == "To" and "User 127-20-1" in node.text() for node in console.nodes() if node.role == "text"))
        look("from-users")
    check(not nameless, "controls without a name:\n" + "\n".join(f"{place}: {path}" for place, paths in nameless.items() for path in paths))


def open_bug_report(console):
    """By keyboard: Help, B."""
    console.key("alt+h")
    console.wait("menu item", "Bug Report...")
    console.key("b")
    console.wait("dialog", "Bug report")


def text_shows(console, pattern, seconds=20):
    """In a text that can be read, such as the content of a file."""
    until(f"'{pattern}' shows", seconds, lambda: any(
        node.role == "text" and re.search(pattern, node.text()) for node in console.nodes()), every=0.2)


@scenario
def login_trace(scene):
    """Packet trace: "ann cannot log in", on the same page as traces between users."""
    status, domain = scene.service.api("POST", "/v1/domains", {"name": "chat.corp.test"})
    check(status == 201, f"{status} {domain}")
    status, answer = scene.service.api("POST", f"/v1/domains/{domain['id']}/accounts", {"localPart": "ann", "password": "correct horse battery"})
    check(status == 201, f"{status} {answer}")

    def newest():
        return scene.service.get("/v1/traces")["items"][0]

    with scene.console() as console:
        console.wait_text("connected to", 30)
        go(console, "Packet trace")
        for address, code, words in (("ann@chat.corp.test", "OK", r"DNS,\s+the\s+supernode"),
                                     ("ann@chat.other.test", "DOMAIN_UNKNOWN", r"not\s+known\s+here")):
            console.tab_to("To")
            console.key("ctrl+a")
            console.type(address)
            console.wait_text(r"the\s+way\s+of\s+a\s+login")
            until("the trace can start", 10, lambda: console.wait("push button", "Run quick").is_enabled)
            console.wait("push button", "Run quick").press()
            console.wait("table cell", "Domain known here", 20)
            until("the trace is over", 60, lambda: newest()["state"] == "finished" and newest()["request"]["user"] == address, every=0.3)
            check(newest()["verdicts"][0]["code"] == code, f"{newest()['verdicts']}")
            console.wait_text(words, 20)
            scene.shoot(console, code.lower())


@scenario
def bugreport(scene):
    """Help > Bug report: each file is read, one is left out, names are replaced, it is saved; then without a service."""
    nameless = {}

    def look(console, place):
        scene.shoot(console, place)
        found = unnamed(console.tree())
        if found:
            nameless[place] = found

    scene.fill()
    for name, env in (("light", None), ("dark", {"GTK_THEME": "Adwaita:dark"})):
        with scene.console(env=env) as console:
            console.wait_text("connected to", 30)
            open_bug_report(console)
            console.wait("table cell", "service/status.json", 30)
            console.wait_text(r"Nothing\s+is\s+sent\s+anywhere;")
            text_shows(console, r"Bug report of Causeway")
            look(console, f"{name}-readme")
            console.tab_to("Files of the report")
            console.key("End")
            text_shows(console, r"ranges\.add|bases\.add")
            look(console, f"{name}-audit")
            # Left out by keyboard.
            console.key("space")
            console.key("Home")
            text_shows(console, r"Left out by the person who saved this report\s+service/audit\.json")
            console.tab_to("Replace names and addresses")
            console.key("space")
            text_shows(console, r"Names were replaced")
            look(console, f"{name}-replaced")
            saved = os.path.join(scene.folder, f"{name}.zip")
            # By key: the window manager gives the keyboard to a window that somebody asked for.
            console.tab_to("Save...", role="push button")
            console.key("space")
            console.wait("file chooser", "Save the bug report")
            until("the name can be typed", 20, lambda: any("causeway-bugreport" in node.text() for node in console.focused()))
            console.key("ctrl+a")
            console.type(saved)
            console.key("Return")  # the dialog below has a button "Save..." too
            until("the report is saved", 20, lambda: os.path.exists(saved) and os.path.getsize(saved) > 1000)
            console.wait_text(r"The\s+report\s+is\s+in")
            look(console, f"{name}-saved")
            with zipfile.ZipFile(saved) as archive:
                names = archive.namelist()
                everything = b"".join(archive.read(each) for each in names).decode()
            check("service/status.json" in names and "service/audit.json" not in names, f"{names}")
            check("Osaka" not in everything and "alice" not in everything.lower(), "a name was not replaced")
            console.key("Escape")
            until("the dialog is closed", 10, lambda: console.find("dialog") is None)
            if name == "dark":
                scene.service.stop(signal.SIGKILL)
                console.wait_text(r"not answering since \S+", 40)
                open_bug_report(console)
                console.wait_text(r"The\s+part\s+of\s+the\s+service\s+is\s+missing", 40)
                text_shows(console, "NOT COMPLETE")
                look(console, "without-service")
                console.key("Escape")
                until("the dialog is closed", 10, lambda: console.find("dialog") is None)
    check(not nameless, "controls without a name:\n" + "\n".join(f"{place}: {path}" for place, paths in nameless.items() for path in paths))
OFFICES = {"Tokyo": ("127.21.1", "127.21.5"), "Osaka": ("127.21.2",), "Nagoya": ("127.21.3", "127.21.4")}
STAFF = ("Alice Baker", "Bob Chan", "Chiyo Doi", "Dai Endo", "Emi Fujita", "Frank Goto", "Gen Hara", "Hana Ito")


@scenario
def visibility(scene):
    """Who sees whom: three bases with list givers and one of iptux, a dead road, a deaf computer."""
    nameless, clashes = {}, {}
    names = {f"{network}.{10 + at}": f"{name} {network.rsplit('.', 1)[1]}" for networks in OFFICES.values() for network in networks
             for at, name in enumerate(STAFF)}
    deaf = "127.21.1.12"

    def sees(observer, subject):
        networks = {each.rsplit(".", 1)[0] for each in (observer, subject)}
        return observer != deaf and networks != {"127.21.2", "127.21.4"}

    def status():
        return scene.service.get("/v1/visibility")["status"]

    with ListGivers(names, sees, others=CLIENTS) as crowd:
        for base, networks in {**OFFICES, "Sendai": ("127.20.1",)}.items():
            answer = scene.service.api("POST", "/v1/bases", {"name": base, "segments": [each + ".0/24" for each in networks], "note": ""})
            check(answer[0] == 201, f"{answer}")
            for network in networks:
                until("the search can start", 60, lambda n=network: scene.service.api(
                    "POST", "/v1/searches", {"addresses": n + ".2-" + n + ".20"})[0] == 201, every=0.3)
                until("the search is over", 60, lambda: scene.service.get("/v1/searches")["items"][0]["state"] == "finished", every=0.2)
        until("everybody is present", 30, lambda: set(names) <= scene.service.present(), every=0.3)
        entered = time.monotonic()

        def look(console, place):
            scene.shoot(console, place)
            found = unnamed(console.tree())
            if found:
                nameless[place] = found
            clashes[place] = doubtful_keys(console.tree(), "ounejqldizp" + "fsavh")

        with scene.console() as console:
            console.wait_text("connected to", 30)
            go(console, "Visibility")
            console.wait_text("Nothing was collected yet")
            look(console, "empty")
            until("the entries are old enough", 40, lambda: time.monotonic() - entered > 21, every=0.5)
            console.wait("push button", "Collect now").press()
            console.wait_text("Asking clients for their lists", 20)
            look(console, "collecting")
            until("the collection is over", 90, lambda: not status()["isCollecting"] and status()["finishedAt"], every=0.3)
            console.wait_text(r"40 of 40 clients gave their list", 20)
            console.wait("table cell", "Site link", 20)
            console.wait("table cell", "A PC sees nobody")
            check(max(crowd.lists_asked.values()) == 1, "a client was asked more than once")
            look(console, "bases")

            # By keyboard: the dark block of Osaka and Nagoya, down to its computers, and back.
            console.tab_to("Map of who sees whom")
            console.key("Home", "Down")
            console.wait_text("Site link|looks at")
            look(console, "base-chosen")
            names_of_rows = [row["base"] for row in scene.service.get("/v1/visibility")["map"]["rows"]]
            console.key("Home", *["Up"] * len(names_of_rows), *["Down"] * names_of_rows.index("Osaka"), *["Right"] * names_of_rows.index("Nagoya"))
            console.wait_text(r"Site\s+link:\s+127\.21\.2\.0/24")
            look(console, "dark-block")
            console.key("Return")
            console.wait_text("Osaka looks at Nagoya", 20)
            console.wait_text("All bases")
            console.key("Home")
            look(console, "segments")
            console.key("Right", "Return")
            console.wait_text(r"127\.21\.2\.0/24 looks at 127\.21\.4\.0/24", 20)
            console.key("Home", "Right")
            console.wait_text(r"Alice\s+Baker\s+2\s+(does\s+not\s+see|looks\s+at)|Site\s+link")
            look(console, "computers")
            below = console.wait("page tab", "Map as a list")
            console.key("ctrl+Next")
            until("the list shows", 10, lambda: console.wait("page tab", "Map as a list").is_selected or not below)
            look(console, "computers-as-list")
            console.tab_to("Map of who sees whom")
            console.key("BackSpace", "BackSpace")
            console.wait_text("^All bases$")

            # A finding from the list, and the trace of its pair.
            console.wait("push button", "Trace this block")
            console.tab_to("Map of who sees whom")
            console.key("Home", *["Up"] * len(names_of_rows), *["Down"] * names_of_rows.index("Osaka"), *["Right"] * names_of_rows.index("Nagoya"))
            until("the pair can be traced", 10, lambda: console.wait("push button", "Trace this block").is_enabled)
            console.wait("push button", "Retest").press()
            console.wait_text("were asked less than 10 minutes ago", 30)
            look(console, "retest")
            console.wait("push button", "Trace this block").press()
            page_shows(console, "Packet trace")
            ends = {node.name: node.text() for node in console.nodes() if node.role == "text" and node.name in ("From", "To")}
            check({text.split(",")[0][-1] for text in ends.values()} == {"2", "4"}, f"the pair of the trace is {ends}")
            look(console, "traced")
        for place, words, env in (("dark", (), {"GTK_THEME": "Adwaita:dark"}), ("japanese", ("--lang", "ja"), None)):
            with scene.console("--page", "visibility", *words, env=env) as console:
                console.wait("table cell", re.compile(r"127\.21\.2\.0/24 - 127\.21\.4\.0/24"), 30)
                console.key("Home", "Down")
                look(console, place)
    check(not nameless, "controls without a name:\n" + "\n".join(f"{place}: {path}" for place, paths in nameless.items() for path in paths))
    doubtful = {place: found for place, found in clashes.items() if found}
    check(not doubtful, f"access keys that are claimed twice: {doubtful}")


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
    if name == "trace":
        bring_up_card()  # without one the self-check of a trace is right to blame the service
    with Scene(os.path.abspath(daemon), os.path.abspath(console), os.path.abspath(artifacts)) as scene:
        SCENARIOS[name](scene)
    say("passed")


if __name__ == "__main__":
    isolate()
    own_session()
    main()
