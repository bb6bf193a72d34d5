"""Network lab of the integration tests: two company segments and a router between them, real clients, the real service.

    isolate()                                  # first line of a test: private namespaces that vanish with the process
    with Lab() as lab:
        a1 = lab.host("a1", "192.168.71.11")
        alice = Iptux(a1, "Alice")
        until("alice is up", 10, lambda: alice.is_up())

Everything lives in a private mount, network and process namespace: when the test ends, is stopped or is killed, the
kernel removes every process, interface and network namespace of it. Nothing of the machine is changed.
Needs: root (or unprivileged user namespaces), iproute2, util-linux; for Iptux the packages of installer/packages.list.
"""

import contextlib
import ctypes
import http.client
import ipaddress
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PYTHON = "/usr/bin/python3"
ISOLATED = "CAUSEWAY_LAB_ISOLATED"
ROUTER = "router"
AT_SPI_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")


class LabError(Exception):
    """The lab itself could not do its work."""


# ---------------------------------------------------------------------------------------------- waiting and reporting


def until(what, seconds, condition, every=0.05):
    """Polls until condition() is true and returns the seconds it took; fails with what was waited for."""
    start = time.monotonic()
    while True:
        if condition():
            return time.monotonic() - start
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(every)


def stays(what, seconds, condition, every=0.2):
    """The condition must hold during all of this time; for "nobody appears" only."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            raise AssertionError(f"did not stay so for {seconds:g} s: {what}")
        time.sleep(every)


def say(text):
    print(text, flush=True)


def check(claim, text):
    if not claim:
        raise AssertionError(text)


# ------------------------------------------------------------------------------------------------------- namespaces


def isolate():
    """Runs this test again inside private namespaces, unless it is there already."""
    if os.environ.get(ISOLATED):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        _command("mount", "--make-rprivate", "/")
        os.makedirs("/run/netns", exist_ok=True)
        _command("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        _command("ip", "link", "set", "lo", "up")
        return
    os.environ[ISOLATED] = str(os.getpid())
    command = ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command.append("--map-root-user")
    os.execvp("unshare", command + [PYTHON] + sys.argv)


def _command(*words, env=None, timeout=30):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, env=env)
    if done.returncode != 0:
        raise LabError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


class Host:
    """A machine of the lab: a network namespace with one interface a segment."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.addresses = []

    @property
    def address(self):
        return self.addresses[0]

    def words(self, *words):
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words, env=None, timeout=30):
        return _command(*self.words(*words), env=env, timeout=timeout)

    def popen(self, *words, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(self.words(*words), start_new_session=True, **options)
        self.lab.processes.append(process)
        return process

    @contextlib.contextmanager
    def network(self):
        """Sockets made inside this block by this thread belong to this machine, also after the block."""
        libc = ctypes.CDLL(None, use_errno=True)
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            if libc.setns(there, 0x40000000) != 0:
                raise LabError(f"cannot enter the network of {self.name}: {os.strerror(ctypes.get_errno())}")
            try:
                yield self
            finally:
                if libc.setns(home, 0x40000000) != 0:
                    raise LabError("cannot leave the network of " + self.name)
        finally:
            os.close(there)
            os.close(home)


class Lab:
    """Segments A = 192.168.71.0/24 and B = 192.168.72.0/24 (more on demand) joined by one router at .1 of each.
    The router forwards, but like every router it passes no broadcast on."""

    def __init__(self, segments=("192.168.71.0/24", "192.168.72.0/24"), neighbour_reports=True):
        self.processes = []
        self.hosts = {}
        self.segments = [ipaddress.ip_network(segment) for segment in segments]
        self.folder = tempfile.mkdtemp(prefix="causeway-lab-")
        self.router = self._namespace(ROUTER)
        self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        # 0 = never delay "unreachable" messages: a dead client is noticed as fast as on a real router with free limits.
        if neighbour_reports:
            self.router.run("sysctl", "-qw", "net.ipv4.icmp_ratemask=0")
        for index, segment in enumerate(self.segments):
            bridge = f"br{index}"
            _command("ip", "-n", ROUTER, "link", "add", bridge, "type", "bridge", "forward_delay", "0")
            gateway = f"{segment.network_address + 1}/{segment.prefixlen}"
            _command("ip", "-n", ROUTER, "addr", "add", gateway, "brd", "+", "dev", bridge)
            _command("ip", "-n", ROUTER, "link", "set", bridge, "up")
            self.router.addresses.append(str(segment.network_address + 1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _namespace(self, name):
        _command("ip", "netns", "add", name)
        _command("ip", "-n", name, "link", "set", "lo", "up")
        host = Host(self, name)
        self.hosts[name] = host
        return host

    def host(self, name, *addresses):
        """A machine with one interface for each address; its default route is the router of the first one."""
        host = self._namespace(name)
        for index, address in enumerate(addresses):
            place = next(i for i, s in enumerate(self.segments) if ipaddress.ip_address(address) in s)
            segment = self.segments[place]
            port = f"v{len(self.hosts)}-{index}"
            _command("ip", "-n", ROUTER, "link", "add", port, "type", "veth", "peer", "name", f"e{index}", "netns", name)
            _command("ip", "-n", ROUTER, "link", "set", port, "master", f"br{place}", "up")
            _command("ip", "-n", name, "addr", "add", f"{address}/{segment.prefixlen}", "brd", "+", "dev", f"e{index}")
            _command("ip", "-n", name, "link", "set", f"e{index}", "up")
            if index == 0:
                _command("ip", "-n", name, "route", "add", "default", "via", str(segment.network_address + 1))
            host.addresses.append(address)
        return host

    def more_addresses(self, host, addresses):
        """Further addresses on the first interface of a machine, for crowds of scripted clients."""
        for address in addresses:
            _command("ip", "-n", host.name, "addr", "add", f"{address}/24", "brd", "+", "dev", "e0")

    def temporary(self, name):
        return tempfile.mkdtemp(prefix=name + "-", dir=self.folder)

    def close(self):
        # SIGTERM first: an X server then removes its lock file.
        for how in (signal.SIGTERM, signal.SIGKILL):
            for process in reversed(self.processes):
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, how)
            for process in self.processes:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=2)
        for name in list(self.hosts):
            with contextlib.suppress(LabError):
                for pid in _command("ip", "netns", "pids", name).split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
                _command("ip", "netns", "del", name)
        self.hosts.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def accepts(file):
    """Somebody listens on this Unix socket; the file alone may be there before that, or be left over."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as attempt:
        try:
            attempt.connect(file)
        except OSError:
            return False
    return True


def stop_group(process, how, seconds):
    """Sends one signal to the group that the process leads and waits for its end."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
    process.wait(timeout=seconds)


# ------------------------------------------------------------------------------------------------------ real iptux


class Iptux:
    """A real iptux without a desktop: its own X server, session bus and accessibility bus."""

    displays = 0

    def __init__(self, host, nick, group="", scan=(), start=True):
        self.host = host
        self.nick = nick
        self.home = host.lab.temporary(nick)
        self.process = self.screen = self.eye = None
        self.turned_away = 0
        os.makedirs(os.path.join(self.home, ".iptux"))
        os.makedirs(os.path.join(self.home, "run"), mode=0o700)
        settings = {"version": 1, "nick_name": nick, "belong_group": group,
                    "scan_net_segment": [{"startip": first, "endip": last, "description": "lab"} for first, last in scan]}
        with open(os.path.join(self.home, ".iptux", "config.json"), "w", encoding="utf-8") as file:
            json.dump(settings, file)
        if start:
            self.start()

    # One screen a client, numbered by the process id that the test had outside, so that tests do not collide.
    def _start_screen(self):
        base = 200 + int(os.environ.get(ISOLATED, os.getpid())) % 1800 * 32  # X clients refuse more than 59,000
        Iptux.displays += 1
        self.display = f":{base + Iptux.displays}"
        with open(os.path.join(self.home, "screen.log"), "w", encoding="utf-8") as log:
            self.screen = self.host.popen("Xvfb", self.display, "-screen", "0", "1100x800x24", "-nolisten", "tcp", "-noreset",
                                          stdout=log, stderr=log)
        file = "/tmp/.X11-unix/X" + self.display[1:]
        until(f"screen of {self.nick}", 30, lambda: accepts(file) or self.screen.poll() is not None)
        if self.screen.poll() is not None:
            raise LabError(f"Xvfb ended: {self._text('screen.log')}")

    def _text(self, name):
        try:
            with open(os.path.join(self.home, name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _environment(self):
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "XAUTHORITY", "AT_SPI_BUS_ADDRESS")}
        environment.update(HOME=self.home, XDG_CONFIG_HOME=self.home + "/.config", XDG_CACHE_HOME=self.home + "/.cache",
                           XDG_RUNTIME_DIR=self.home + "/run", DISPLAY=self.display, LANG="C.UTF-8", GDK_BACKEND="x11",
                           GTK_MODULES="gail:atk-bridge", NO_AT_BRIDGE="0")
        return environment

    def start(self):
        """Starts the program; is_up() tells when it listens. A second start is that of a restarted client."""
        if self.screen is None:
            self._start_screen()
        for name in ("bus", "out.log"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(self.home, name))
        launcher = next((path for path in AT_SPI_LAUNCHERS if os.path.exists(path)), None)
        if launcher is None:
            raise LabError("at-spi-bus-launcher is missing: install at-spi2-core")
        script = (f'hostname "pc-{self.nick.lower()}"; exec dbus-run-session -- sh -c \''
                  f'echo "$DBUS_SESSION_BUS_ADDRESS" > "$HOME/bus.new"; {launcher} --launch-immediately & '
                  'gdbus wait --session --timeout 20 org.a11y.Bus; mv "$HOME/bus.new" "$HOME/bus"; '
                  "exec iptux -l DEBUG'")
        with open(os.path.join(self.home, "out.log"), "w", encoding="utf-8") as log:
            self.process = self.host.popen("unshare", "--uts", "sh", "-c", script, env=self._environment(),
                                           stdout=log, stderr=log)

    def is_up(self):
        if self.process.poll() is not None:
            # A screen that has just begun may still turn a client away; that says nothing about the client.
            if "cannot open display" in self._text("out.log") and self.turned_away < 3:
                self.turned_away += 1
                self.start()
                return False
            raise LabError(f"iptux {self.nick} ended: {self._text('out.log')[-600:]}")
        return "bind UDP port(0.0.0.0:2425) success" in self._text("out.log")

    def _bus(self):
        return dict(self._environment(), DBUS_SESSION_BUS_ADDRESS=self._text("bus").strip())

    def rows(self):
        """All rows of its list as shown: {(nickname, address)}, itself included (it hears its own broadcasts)."""
        if self.eye is None:
            helper = os.path.join(SOURCE, "tests", "support", "accessible_rows.py")
            self.eye = self.host.popen(PYTHON, helper, "iptux", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True, env=self._bus())
        try:
            self.eye.stdin.write("look\n")
            self.eye.stdin.flush()
            line = self.eye.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.eye.wait(timeout=5)
            self.eye = None
            return set()
        return {(text.split("\n")[0], text.split("\n")[1]) for text in json.loads(line) if text.count("\n") == 1}

    def sees(self):
        """Addresses of everybody else in its list."""
        return {address for _, address in self.rows() if address not in self.host.addresses}

    def is_visible(self):
        """Its window can be read."""
        return bool(self._text("bus")) and self.is_up() and bool(self.rows())

    def _act(self, path, action):
        address = self._bus()["DBUS_SESSION_BUS_ADDRESS"]
        self.host.run("gdbus", "call", "--address", address, "--dest", "io.github.iptux_src.iptux", "--object-path", path,
                      "--method", "org.gtk.Actions.Activate", action, "[]", "{}", env=self._bus(), timeout=20)

    def refresh(self):
        self._act("/io/github/iptux_src/iptux/window/1", "refresh")

    def quit(self):
        """Ends it as a user does (it tells everybody whom it knows)."""
        self._act("/io/github/iptux_src/iptux", "quit")
        self._end(lambda: self.process.wait(timeout=10))

    def kill(self):
        """Ends it without a word, as a crash or a pulled plug does."""
        self._end(lambda: stop_group(self.process, signal.SIGKILL, 10))

    def _end(self, how):
        how()
        if self.eye is not None:
            stop_group(self.eye, signal.SIGKILL, 5)
            self.eye = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


# ------------------------------------------------------------------------------------------------ the real service


class Service:
    """causewayd with its own data folder on one machine of the lab (host None: on this machine's own loopback)."""

    def __init__(self, binary, host=None, settings=None, folder=None, data=None):
        self.binary = binary
        self.host = host
        self.folder = folder or (host.lab.folder if host else tempfile.gettempdir())
        self.data = data or tempfile.mkdtemp(prefix="data-", dir=self.folder)
        self.settings = {"admin.listen": "127.0.0.1:0", **(settings or {})}
        self.process = None
        self.ready = None

    def command(self, *more):
        words = [self.binary, "--data", self.data, "--ready-file", self.data + "/ready.json"]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        words += more
        return self.host.words(*words) if self.host else words

    def log(self):
        try:
            with open(self.data + "/service.log", encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def start(self, seconds=20, env=None):
        """Starts it and waits until everything listens; returns the seconds that took."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.data + "/ready.json")
        start = time.monotonic()
        with open(self.data + "/service.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, env=env)
        if self.host:
            self.host.lab.processes.append(self.process)
        until("the service is ready", seconds, self._is_ready, every=0.01)
        return time.monotonic() - start

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.log()[-2000:]}")
        try:
            with open(self.data + "/ready.json", encoding="utf-8") as file:
                self.ready = json.load(file)
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return True

    def stop(self, how=signal.SIGTERM, seconds=10):
        """Returns (seconds it took, exit code)."""
        start = time.monotonic()
        stop_group(self.process, how, seconds)
        return time.monotonic() - start, self.process.returncode

    def api(self, method, path, body=None, headers=None):
        """One request with the local token; (status, JSON)."""
        address, port = self.ready["admin"].rsplit(":", 1)
        context = ssl.create_default_context(cafile=self.data + "/admin.crt")
        context.check_hostname = False
        with open(self.data + "/admin.token", encoding="utf-8") as file:
            token = file.read().strip()
        with self.host.network() if self.host else contextlib.nullcontext():
            plain = socket.create_connection((address, int(port)), timeout=10)
        connection = http.client.HTTPConnection(address, int(port), timeout=10)
        connection.sock = context.wrap_socket(plain, server_hostname=address)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Authorization": "Bearer " + token, "Content-Type": "application/json",
                                                    **(headers or {})})
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if data else None
        finally:
            connection.close()

    def get(self, path):
        status, body = self.api("GET", path)
        check(status == 200, f"GET {path} answered {status}: {body}")
        return body

    def users(self, query="limit=5000"):
        items, cursor = [], ""
        while True:
            page = self.get(f"/v1/users?{query}{cursor}")
            items += page["items"]
            if not page.get("next"):
                return items
            cursor = f"&cursor={page['next']}"

    def present(self):
        """Addresses of the users who are there."""
        return {user["address"] for user in self.users() if user["presence"] == "present"}


class Capture:
    """tcpdump of UDP 2425 on one interface of one machine, kept as text lines until stop()."""

    def __init__(self, host, interface):
        self.file = os.path.join(host.lab.folder, f"capture-{host.name}-{interface}-{time.monotonic_ns()}.txt")
        with open(self.file, "w", encoding="utf-8") as out:
            self.process = host.popen("tcpdump", "-l", "-n", "-tt", "-i", interface, "udp port 2425 or icmp", stdout=out,
                                      stderr=subprocess.PIPE, text=True)
        # tcpdump says "listening on ..." when the capture runs.
        while "listening on" not in (line := self.process.stderr.readline()):
            if not line:
                raise LabError("tcpdump ended at once")

    def lines(self):
        with open(self.file, encoding="utf-8") as file:
            return file.read().splitlines()

    def stop(self):
        stop_group(self.process, signal.SIGINT, 5)
        return self.lines()
