"""The console with a big directory, as JSON lines. Nothing is asserted but that the work was done.

    console.py CAUSEWAYD CAUSEWAY_CONSOLE [USERS]

The service is the real one. Its users come from its own store: one real client is met, and the row that the service
wrote of it is copied (another id, name, host, group and address each), so that no network of 100,000 computers is needed.
While rows come, and during filter and sort, the console's window is asked something small every few milliseconds through
the accessibility bus; its user interface thread answers, so the worst answer time is the longest time that it was busy.
"""

import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gui"))
from desktop import Console, Desktop, own_session  # noqa: E402
from lab import Service, check, isolate, until  # noqa: E402
from responders import Responders  # noqa: E402

SETTINGS = {"admin.listen": "127.0.0.1:8425", "lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true", "lan.lists": "false"}
GROUPS = ("Sales", "Service", "Development", "Accounting", "Purchasing", "Warehouse", "Board")
MODEL = "127.20.1.2"
FIRST_ROWS = 256  # these are there at once; the list hears of the others in idle time
TARGET_MS = 200  # what the design allows one answer of the window


def fill(service, users):
    """The store of a service that has met this many users."""
    service.start()
    with Responders([MODEL]):
        service.api("POST", "/v1/searches", {"addresses": MODEL})
        until("the model is met", 20, lambda: service.get("/v1/users")["total"] == 1, every=0.1)
        until("the search is over", 30, lambda: service.get("/v1/searches")["items"][0]["state"] == "finished", every=0.2)
        service.stop()
    with sqlite3.connect(os.path.join(service.data, "causeway.db")) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(lan_users)")]
        model = dict(zip(columns, store.execute("SELECT * FROM lan_users").fetchone()))
        names = ",".join(f'"{column}"' for column in columns)
        store.execute("DELETE FROM lan_user_addresses")
        store.execute("DELETE FROM lan_users")

        def rows():
            for number in range(1, users + 1):
                other = dict(model, id=number, nick=f"Person {number * 7919 % users:06d}", user=f"u{number}", host=f"pc-{number:06d}",
                             group=GROUPS[number % len(GROUPS)], address=(127 << 24) + (64 << 16) + number)
                yield tuple(other[column] for column in columns)

        store.executemany(f"INSERT INTO lan_users({names}) VALUES ({','.join('?' * len(columns))})", rows())
        store.execute("INSERT OR REPLACE INTO counters(name, value) SELECT name, ? FROM counters WHERE name LIKE '%user%'", (users,))


class Answers:
    """What one wait saw: seconds, and how long the window took for each answer, in ms."""

    def __init__(self, seconds, answers):
        self.seconds = seconds
        self.answers = sorted(answers)

    def __add__(self, other):
        return Answers(self.seconds + other.seconds, self.answers + other.answers)

    def percentile(self, share):
        return self.answers[min(len(self.answers) - 1, int(len(self.answers) * share))]


class Watch:
    """Asks the window until a condition holds, and keeps how long each answer took."""

    def __init__(self, console):
        self.console = console
        self.atspi = console.atspi
        from gi.repository import GLib  # pylint: disable=import-outside-toplevel
        self.error = GLib.Error
        self.atspi.set_timeout(10000, 10000)
        self.table = None
        self.frame = None
        self.looks = []  # ms that each step of the look for the table took: two questions

    def find_frame(self):
        desktop = self.atspi.get_desktop(0)
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(index)
            if application is not None and application.get_process_id() == self.console.process.pid:
                application.clear_cache()
                for child in range(application.get_child_count()):
                    frame = application.get_child_at_index(child)
                    if frame is not None and frame.get_name().startswith("Causeway"):
                        return frame
        return None

    def find_table(self, accessible):
        """Not into lists: they have as many objects as cells. The table is there before it shows."""
        for index in range(accessible.get_child_count()):
            asking = time.monotonic()
            child = accessible.get_child_at_index(index)
            if child is None:
                continue
            role = child.get_role_name()
            self.looks.append((time.monotonic() - asking) * 1000)
            if role in ("table", "tree table"):
                if child.get_name() == "Users":
                    return child
            elif role not in ("menu bar", "tool bar") and (found := self.find_table(child)) is not None:
                return found
        return None

    def rows(self):
        self.table.clear_cache()
        return self.table.get_table_iface().get_n_rows()

    def first(self, column):
        """Text of the first row."""
        cell = self.table.get_table_iface().get_accessible_at(0, column)
        cell.clear_cache()
        return cell.get_name()

    def until(self, what, seconds, condition):
        """How long it took, and the answers meanwhile."""
        begin, answers = time.monotonic(), []
        while True:
            asking = time.monotonic()
            try:
                done = condition()
            except self.error:  # no answer within the bus's own time: the wait counts all the same
                done = False
            now = time.monotonic()
            answers.append((now - asking) * 1000)
            if done:
                return Answers(now - begin, answers)
            if now - begin > seconds:
                raise AssertionError(f"not within {seconds:g} s: {what} (rows {self.rows()}, worst answer {max(answers):.0f} ms, {len(answers)} asked)")
            time.sleep(0.005)

    def header(self, title):
        """Where to click to sort by this column."""
        table = self.table.get_table_iface()
        for column in range(table.get_n_columns()):
            head = table.get_column_header(column)
            if head is not None and head.get_name() == title:
                box = head.get_component_iface().get_extents(self.atspi.CoordType.SCREEN)
                return column, box.x + box.width // 2, box.y + box.height // 2
        raise AssertionError(f"there is no column {title}")


def tell(name, seen, **more):
    worst = seen.answers[-1]
    print(json.dumps({"bench": name, "seconds": round(seen.seconds, 3), "worstAnswerMs": round(worst, 1),
                      "p99AnswerMs": round(seen.percentile(0.99), 1), "answers": len(seen.answers),
                      "ratioToTarget": round(worst / TARGET_MS, 2), **more}), flush=True)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def measure(service, desktop, binary, users):
    begin = time.monotonic()
    with Console(desktop, binary, "--data", service.data, "--page", "users") as console:
        watch = Watch(console)

        def frame():
            watch.frame = watch.find_frame()
            return watch.frame is not None

        until("the window is there", 60, frame, every=0.01)
        print(json.dumps({"bench": "window", "seconds": round(time.monotonic() - begin, 3), "ratioToTarget": round(time.monotonic() - begin, 2)}), flush=True)

        def table():
            watch.table = watch.find_table(watch.frame)
            return watch.table is not None

        until("the page is there", 60, table, every=0.02)
        seen = Answers(0, watch.looks)
        seen += watch.until("the first rows are there", 120, lambda: watch.rows() > 0)
        print(json.dumps({"bench": "first rows", "seconds": round(time.monotonic() - begin, 3)}), flush=True)
        seen += watch.until("all rows are there", 300, lambda: watch.rows() == users)
        tell("all rows, told to a screen reader", seen, secondsFromStart=round(time.monotonic() - begin, 3), users=users,
             residentMB=resident_mb(console.process.pid))
        desktop.screenshot("all-rows")

        console.activate()
        wanted = f"pc-{users // 2:06d}"
        console.type(wanted)
        tell("filter to one", watch.until("one row is left", 60, lambda: watch.rows() == 1))
        console.key("ctrl+a", "Delete")
        tell("filter cleared", watch.until("rows are back", 60, lambda: watch.rows() >= min(FIRST_ROWS, users)))
        console.type("sales")
        expected = len([number for number in range(1, users + 1) if GROUPS[number % len(GROUPS)] == "Sales"])
        tell("filter to a seventh, all told", watch.until("the rows of a group", 60, lambda: watch.rows() == expected))
        console.key("ctrl+a", "Delete")
        tell("filter cleared, all told", watch.until("all rows are back", 300, lambda: watch.rows() == users))

        for title, up, down in (("Name", f"Person {0:06d}", f"Person {users - 1:06d}"), ("Address", "127.64.0.1", None),
                                ("Name", f"Person {0:06d}", None)):
            column, x, y = watch.header(title)
            for wanted in (up, down):
                if wanted is None or watch.first(column) == wanted:
                    continue
                os.spawnlp(os.P_WAIT, "xdotool", "xdotool", "mousemove", str(x), str(y), "click", "1")
                tell(f"sort by {title.lower()}", watch.until(f"sorted by {title}", 60, lambda: watch.first(column) == wanted))  # noqa: B023


def settles(service, desktop, binary, users):
    """The same start with nobody listening on the accessibility bus: seconds until the program has nothing to do."""
    begin = time.monotonic()
    with Console(desktop, binary, "--data", service.data, "--page", "users", env={"NO_AT_BRIDGE": "1", "GTK_MODULES": ""}) as console:
        used, last = [], begin
        while len(used) < 16 or used[-1] - used[-16] > 0.05:  # less than 0.05 s of CPU in 1.5 s
            check(last - begin < 120, "the console never came to rest")
            used.append(cpu_seconds(console.process.pid))
            time.sleep(0.1)
            last = time.monotonic()
        print(json.dumps({"bench": "all rows, no screen reader", "seconds": round(last - begin - 1.5, 2), "users": users,
                          "cpuSeconds": used[-1], "residentMB": resident_mb(console.process.pid)}), flush=True)


def main():
    users = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    folder = tempfile.mkdtemp(prefix="causeway-bench-")
    service = Service(os.path.abspath(sys.argv[1]), settings=SETTINGS, folder=folder)
    try:
        fill(service, users)
        begin = time.monotonic()
        service.start(seconds=60)
        total = service.get("/v1/users?limit=1")["total"]
        check(total == users, f"the service knows {total} users, not {users}")
        print(json.dumps({"bench": "service start", "seconds": round(time.monotonic() - begin, 3), "users": users,
                          "residentMB": resident_mb(service.process.pid)}), flush=True)
        with Desktop(os.path.join(folder, "pictures")) as desktop:
            settles(service, desktop, os.path.abspath(sys.argv[2]), users)
            measure(service, desktop, os.path.abspath(sys.argv[2]), users)
    finally:
        if service.process is not None and service.process.poll() is None:
            service.stop()
        else:
            print(re.sub(r"^", "  ", service.log()[-1500:]), file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    isolate()
    own_session()
    main()
