"""A desktop of its own for GUI tests: X server, window manager, session bus, accessibility bus, and the console on it.

    own_session()                              # after isolate(): the test runs inside its own session bus
    with Desktop(folder) as desktop:
        console = Console(desktop, binary, data=service.data)
        console.wait("push button", "Start")

Programs are driven by keys (xdotool) and read through the accessibility tree, as a person with a screen reader does.
Needs: xvfb, openbox, xdotool, imagemagick, dbus-daemon, at-spi2-core, python3-pyatspi.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import AT_SPI_LAUNCHERS, ISOLATED, LabError, stop_group, until  # noqa: E402

SESSION = "CAUSEWAY_GUI_SESSION"
MOST_NODES = 20000


def own_session():
    """Runs this test again inside a session bus that ends with it, unless it is there already."""
    if os.environ.get(SESSION):
        return
    os.environ[SESSION] = "1"
    for key in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "XAUTHORITY", "AT_SPI_BUS_ADDRESS", "DISPLAY"):
        os.environ.pop(key, None)
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="causeway-gui-run-")
    os.execvp("dbus-run-session", ["dbus-run-session", "--", sys.executable] + sys.argv)


class Desktop:
    """X server, window manager and accessibility bus. Screenshots go to `artifacts`."""

    def __init__(self, artifacts, size="1280x800"):
        self.artifacts = artifacts
        os.makedirs(artifacts, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix="causeway-gui-")
        self.processes = []
        self._start_screen(size)
        os.environ.update(DISPLAY=self.display, GDK_BACKEND="x11", GTK_MODULES="gail:atk-bridge", NO_AT_BRIDGE="0",
                          LANG="C.UTF-8")
        self._start_manager()
        launcher = next((path for path in AT_SPI_LAUNCHERS if os.path.exists(path)), None)
        if launcher is None:
            raise LabError("at-spi-bus-launcher is missing: install at-spi2-core")
        self.start(launcher, "--launch-immediately")
        subprocess.run(["gdbus", "wait", "--session", "--timeout", "20", "org.a11y.Bus"], check=True, timeout=30)

    def _start_screen(self, size):
        # Tests side by side begin at numbers of their own; one that is taken all the same is left for the next.
        base = 200 + int(os.environ.get(ISOLATED, os.getpid())) % 1800 * 32  # X clients refuse more than 59,000
        for number in range(base, base + 8):
            self.display = f":{number}"
            if os.path.exists(f"/tmp/.X11-unix/X{number}"):
                continue
            screen = self.start("Xvfb", self.display, "-screen", "0", size + "x24", "-nolisten", "tcp", "-noreset")
            until("the screen is there", 30, lambda: screen.poll() is not None or self._answers())
            if screen.poll() is None:
                return
        raise LabError("no X server could be started: " + self.log("Xvfb")[-2000:])

    def _start_manager(self):
        """Without a window manager nobody gets the keyboard; one that ended at once is started again."""
        for _ in range(3):
            manager = self.start("openbox", "--sm-disable")
            with contextlib.suppress(AssertionError):
                until("the window manager manages", 20, lambda: manager.poll() is not None or self._is_managed(), every=0.1)
            if manager.poll() is None and self._is_managed():
                return
        raise LabError("the window manager does not start: " + self.log("openbox")[-2000:])

    def _is_managed(self):
        return subprocess.run(["xdotool", "get_num_desktops"], capture_output=True, timeout=20).returncode == 0

    def _answers(self):
        """A client can open the screen; the file of its socket alone is there before that."""
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(["xdotool", "getdisplaygeometry"], capture_output=True, timeout=20, env=environment).returncode == 0

    def start(self, *words, env=None):
        name = os.path.basename(words[0])
        with open(os.path.join(self.folder, name + ".log"), "a", encoding="utf-8") as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                       start_new_session=True)
        self.processes.append(process)
        return process

    def assertions(self):
        """What wx did not expect, as the console told on standard error."""
        return [line for line in self.log("causeway-console").splitlines() if "wx assertion:" in line]

    def log(self, name):
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(self.folder, name + ".log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        return ""

    def screenshot(self, name):
        path = os.path.join(self.artifacts, name + ".png")
        subprocess.run(["import", "-window", "root", path], check=True, timeout=30, stdin=subprocess.DEVNULL)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for how in (signal.SIGTERM, signal.SIGKILL):
            for process in reversed(self.processes):
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, how)
            for process in self.processes:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=2)


def _atspi():
    """The binding, loaded when the session bus is up."""
    import gi  # pylint: disable=import-outside-toplevel
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi  # pylint: disable=import-outside-toplevel
    Atspi.init()
    return Atspi


class Node:
    """One object of the accessibility tree, read at one moment."""

    def __init__(self, atspi, accessible, parent):
        self.accessible = accessible
        self.parent = parent
        self.role = accessible.get_role_name()
        self.name = accessible.get_name() or ""
        self.children = []
        states = accessible.get_state_set()
        self.is_showing = states.contains(atspi.StateType.SHOWING) and states.contains(atspi.StateType.VISIBLE)
        self.is_focused = states.contains(atspi.StateType.FOCUSED)
        self.is_enabled = states.contains(atspi.StateType.SENSITIVE)
        self.is_checked = states.contains(atspi.StateType.CHECKED)
        self.is_selected = states.contains(atspi.StateType.SELECTED)
        self.is_active = states.contains(atspi.StateType.ACTIVE)
        self._atspi = atspi

    def labels(self):
        """Names of the labels that are tied to it."""
        found = []
        for relation in self.accessible.get_relation_set() or []:
            if relation.get_relation_type() == self._atspi.RelationType.LABELLED_BY:
                for index in range(relation.get_n_targets()):
                    found.append(relation.get_target(index).get_name() or "")
        return [name for name in found if name.strip()]

    def text(self):
        with contextlib.suppress(Exception):
            interface = self.accessible.get_text_iface()
            if interface:
                return self._atspi.Text.get_text(interface, 0, self._atspi.Text.get_character_count(interface))
        return self.name

    def access_key(self):
        """The letter that works with Alt, or ""."""
        with contextlib.suppress(Exception):
            found = re.search(r"<Alt>(\w)", self.accessible.get_action_iface().get_key_binding(0) or "")
            return found.group(1).lower() if found else ""
        return ""

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def path(self):
        here = f"{self.role} '{self.name}'"
        return f"{self.parent.path()} > {here}" if self.parent else here

    def press(self):
        """Does the first action of the control, as a screen reader's "activate" does."""
        self.accessible.get_action_iface().do_action(0)


class Console:
    """One running causeway-console."""

    def __init__(self, desktop, binary, *words, env=None, title="Causeway"):
        self.desktop = desktop
        self.title = title
        self.atspi = _atspi()
        self.home = tempfile.mkdtemp(prefix="home-", dir=desktop.folder)
        environment = {**os.environ, "HOME": self.home, "XDG_CONFIG_HOME": self.home + "/.config",
                       "XDG_CACHE_HOME": self.home + "/.cache", **(env or {})}
        self.name = os.path.basename(binary)
        self.process = desktop.start(binary, *words, env=environment)

    # ------------------------------------------------------------------------------------------------- reading

    def tree(self):
        """The whole application as it is now; None while it is not there."""
        if self.process.poll() is not None:
            raise AssertionError(f"the console ended with {self.process.returncode}:\n{self.desktop.log(self.name)[-3000:]}")
        desktop = self.atspi.get_desktop(0)
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(index)
            if application is not None and application.get_process_id() == self.process.pid:
                application.clear_cache()
                return self._read(application, None, [MOST_NODES])
        return None

    def _read(self, accessible, parent, budget):
        node = Node(self.atspi, accessible, parent)
        for index in range(accessible.get_child_count()):
            if budget[0] <= 0:
                break
            budget[0] -= 1
            child = accessible.get_child_at_index(index)
            if child is not None:
                node.children.append(self._read(child, node, budget))
        return node

    def nodes(self):
        """Everything that shows; an empty list while the tree changes under the reader."""
        try:
            root = self.tree()
        except Exception as error:
            if isinstance(error, AssertionError):
                raise
            return []
        return [node for node in root.walk() if node.is_showing] if root else []

    def find(self, role=None, name=None, within=None):
        """The first node that shows, by role and by the start of its name (or a compiled pattern)."""
        for node in (within.walk() if within else self.nodes()):
            if role is not None and node.role != role:
                continue
            if name is None or (name.search(node.name) if isinstance(name, re.Pattern) else node.name.startswith(name)):
                return node
        return None

    def wait(self, role=None, name=None, seconds=15):
        found = []

        def look():
            found[:] = [self.find(role, name)]
            return found[0] is not None

        try:
            until(f"{role or 'anything'} named {getattr(name, 'pattern', name)!r} shows", seconds, look, every=0.15)
        except AssertionError:
            self.describe("missing")
            raise
        return found[0]

    def wait_selected(self, role, name, seconds=10):
        """Waits until the row or tab with exactly this name is the chosen one."""
        until(f"{name} is chosen", seconds, lambda: any(node.is_selected and node.name == name and node.role == role for node in self.nodes()))

    def wait_text(self, pattern, seconds=15):
        """Waits until some label, cell or text that shows matches."""
        compiled = re.compile(pattern)
        found = []

        def look():
            found[:] = [node for node in self.nodes() if compiled.search(node.name) or compiled.search(node.text())][:1]
            return bool(found)

        try:
            until(f"text {pattern!r} shows", seconds, look, every=0.2)
        except AssertionError:
            self.describe("missing")
            raise
        return found[0]

    def focused(self):
        """The control with the keyboard focus and, inside a list, the row that has it: outermost first."""
        return [node for node in self.nodes() if node.is_focused and node.role not in ("frame", "dialog", "window")]

    def describe(self, name):
        """Keeps a screenshot and the tree in the artifacts, for people who look at a failure."""
        self.desktop.screenshot(name)
        with open(os.path.join(self.desktop.artifacts, name + ".txt"), "w", encoding="utf-8") as out:
            root = None
            with contextlib.suppress(Exception):
                root = self.tree()
            for node in root.walk() if root else ():
                depth = node.path().count(" > ")
                flags = ("" if node.is_showing else " hidden") + (" FOCUSED" if node.is_focused else "")
                out.write(f"{'  ' * depth}{node.role} {node.name!r}{flags}\n")

    # ------------------------------------------------------------------------------------------------- driving

    def key(self, *keys):
        for key in keys:
            subprocess.run(["xdotool", "key", "--clearmodifiers", key], check=True, timeout=20)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--clearmodifiers", "--delay", "5", "--", text], check=True, timeout=60)

    def activate(self):
        """Gives the keyboard to the window of the console. The window manager may still be starting."""
        def run(*words):
            done = subprocess.run(["xdotool", *words], timeout=30, capture_output=True, text=True)
            return done.stdout.split() if done.returncode == 0 else []

        def has_keyboard():
            windows = run("search", "--all", "--onlyvisible", "--pid", str(self.process.pid), "--name", self.title)
            for window in windows:
                run("windowactivate", window)
            return any(window in windows for window in run("getactivewindow"))

        try:
            until("the window has the keyboard", 40, has_keyboard, every=0.2)
        except AssertionError:
            self.describe("no-keyboard")
            raise

    def tab_to(self, name, role=None, most=80, key="Tab"):
        """Presses Tab until the control with this name has the focus, as a keyboard user does."""
        seen = []
        for _ in range(most):
            nodes = self.focused()
            for node in nodes:
                words = [node.name] + node.labels()
                if any(word.startswith(name) for word in words) and (role is None or node.role == role):
                    return node
            seen += [f"{node.role} '{node.name}'" for node in nodes]
            before = [node.path() for node in nodes]
            self.key(key)
            with contextlib.suppress(AssertionError):
                until("the focus moved", 1, lambda: [node.path() for node in self.focused()] not in ([], before))
        self.describe("tab-" + re.sub(r"\W+", "-", name))
        raise AssertionError(f"Tab never came to '{name}', only to: {', '.join(dict.fromkeys(seen))}")

    # --------------------------------------------------------------------------------------------------- end

    def close(self):
        if self.process.poll() is None:
            stop_group(self.process, signal.SIGTERM, 10)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and self.process.poll() is None:
            with contextlib.suppress(Exception):
                self.describe("failed")
        self.close()


# Roles that a person can use: each needs a name. Inner parts of a control (the button of a drop-down list, the arrows
# of a scroll bar) belong to their parent.
USABLE = {"push button", "toggle button", "check box", "radio button", "text", "entry", "password text", "combo box", "list",
          "list box", "table", "tree", "tree table", "slider", "spin button", "page tab", "menu", "menu item",
          "check menu item", "radio menu item", "link", "dialog", "frame"}
PRESSED = {"push button", "toggle button", "check box", "radio button"}
WHOLE = {"combo box", "spin button"}


def unnamed(root):
    """Paths of the controls that a screen reader could only call by their kind."""
    found = []

    def visit(node, is_inner):
        if not node.is_showing:
            return
        if not is_inner and node.role in USABLE and not node.name.strip() and not node.labels():
            found.append(node.path())
        for child in node.children:
            visit(child, is_inner or node.role in WHOLE)

    visit(root, False)
    return found


def doubtful_keys(root, taken):
    """Access keys of buttons that show in one window and that two of them, or a page or a menu, claim."""
    found = []
    for window in root.children if root else ():
        owners = {letter: "a page or menu" for letter in taken} if window.role == "frame" else {}
        for node in window.walk():
            if not node.is_showing or node.role not in PRESSED:
                continue
            key = node.access_key()
            if key and key in owners:
                found.append(f"Alt+{key}: {node.role} '{node.name}' and {owners[key]}")
            elif key:
                owners[key] = f"{node.role} '{node.name}'"
    return found


def wait_until_still(console, seconds=10):
    """Waits until two looks at the tree in a row are the same."""
    last = []

    def look():
        now = [(node.role, node.name) for node in console.nodes()]
        same = bool(now) and now == last
        last[:] = now
        return same

    with contextlib.suppress(AssertionError):
        until("the screen rests", seconds, look, every=0.25)
    return time.monotonic()
