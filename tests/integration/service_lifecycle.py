"""How the service starts, stops, reloads and refuses.

    service_lifecycle.py CAUSEWAYD
"""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Service, check, isolate, say, until  # noqa: E402

QUIET = {"admin.listen": "127.0.0.1:0", "lan.listen": "127.0.0.1:0"}
CASES = []


def case(sentence):
    def keep(function):
        CASES.append((sentence, function))
        return function
    return keep


class Scene:
    """A folder for one case and every service that it started."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="causeway-lifecycle-")
        self.services = []

    def service(self, settings=None, data=None):
        service = Service(self.binary, settings={**QUIET, **(settings or {})}, folder=self.folder, data=data)
        self.services.append(service)
        return service

    def run(self, *words, env=None):
        """Runs the program to its end: (exit code, everything it wrote)."""
        done = subprocess.run([self.binary, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=20, env=env, check=False)
        return done.returncode, done.stdout

    def run_service(self, service):
        return self.run(*service.command()[1:])

    def close(self):
        for service in self.services:
            if service.process is not None and service.process.poll() is None:
                service.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def names_line(text, file, line):
    return re.search(rf"{re.escape(file)}\W+(line )?{line}\b", text) is not None


@case("--version prints name and version")
def version(scene):
    code, text = scene.run("--version")
    check(code == 0 and re.match(r"causewayd \d+\.\d+\.\d+", text), f"{code}: {text}")


@case("--check-config accepts an empty data folder and changes nothing in it")
def check_empty(scene):
    code, text = scene.run("--data", scene.folder, "--check-config")
    check(code == 0, f"{code}: {text}")
    check("causeway.db" not in os.listdir(scene.folder), f"it made {os.listdir(scene.folder)}")


BAD = """[admin]
listen = "nonsense"

[lan]
enabled = "perhaps"
listne = "0.0.0.0:2425"

[log]
level = "loud"
"""


@case("--check-config says every error with file and line, and ends with 2")
def check_bad(scene):
    write(scene.folder + "/causeway.toml", BAD)
    code, text = scene.run("--data", scene.folder, "--check-config")
    check(code == 2, f"ended with {code}: {text}")
    for line in (2, 5, 6, 9):
        check(names_line(text, "causeway.toml", line), f"line {line} is not named:\n{text}")


@case("--check-config names the line of a syntax error")
def check_syntax(scene):
    write(scene.folder + "/causeway.toml", "[lan]\n\nenabled = = true\n")
    code, text = scene.run("--data", scene.folder, "--check-config")
    check(code == 2 and names_line(text, "causeway.toml", 3), f"{code}: {text}")


@case("--check-config refuses what the start would refuse, and times that declare everybody gone")
def check_meaning(scene):
    write(scene.folder + "/causeway.toml",
          '[lan]\ncharset = "klingon"\n\n[store]\nurl = "mysql://x"\n')
    code, text = scene.run("--data", scene.folder, "--check-config")
    check(code == 2 and names_line(text, "causeway.toml", 2) and "klingon" in text, f"{code}: {text}")
    check(names_line(text, "causeway.toml", 5) and "mysql://x" in text, f"{code}: {text}")
    write(scene.folder + "/causeway.toml", "[lan]\nprobe_interval = 60\ngone_after = 100\n")
    code, text = scene.run("--data", scene.folder, "--check-config")
    check(code == 2 and names_line(text, "causeway.toml", 3) and "126" in text, f"{code}: {text}")
    code, text = scene.run("--data", scene.folder, "--check-config", "--set", "store.url=postgres:x")
    check(code == 2 and "postgres:x" in text, f"{code}: {text}")
    code, text = scene.run("--data", scene.folder, "--check-config", "--set", "admin.listen=:::")
    check(code == 2 and "[::1]:8425" in text, f"{code}: {text}")


@case("a configuration goes out and in again although listeners stand in the file and on the command line")
def config_round_trip(scene):
    service = scene.service({"lan.group": "Command line"})
    os.makedirs(service.data, exist_ok=True)
    write(service.data + "/causeway.toml", '[log]\nlevel = "debug"\n')
    service.start()

    def ctl(*words, text=""):
        done = subprocess.run([os.path.join(os.path.dirname(scene.binary), "causewayctl"), "--data", service.data, *words],
                              input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20,
                              check=False)
        return done.returncode, done.stdout

    check(ctl("settings", "set", "lan.name=HQ")[0] == 0, "lan.name was not set")
    code, exported = ctl("config", "export")
    check(code == 0 and "lan.name" in exported, f"{code}: {exported}")
    for key in ("admin.listen", "lan.listen", "log.level", "lan.group"):
        check(key not in exported, f"{key} is in the export")
    empty = '{"product":"causeway","format":1,"settings":{}}'
    foreign = '{"product":"causeway","format":1,"settings":{"lan.listen":"0.0.0.0:2425","lan.group":"X","lan.name":"Osaka"}}'
    for text in (exported, empty, foreign):
        for command in ("check", "import"):
            code, answer = ctl("config", command, text=text)
            check(code == 0, f"config {command}: {code}: {answer}")
            if text == foreign:
                check("lan.listen stays as it is" in answer and "lan.group stays as it is" in answer, answer)
    check(ctl("settings", "get", "lan.name")[1] == "Osaka\n", "lan.name was not imported")
    check(ctl("settings", "get", "lan.listen")[1] != "0.0.0.0:2425\n", "lan.listen was imported")
    for wrong in ('{"lan.charset":"klingon"}', '{"lan.gone_after":"60"}'):
        text = '{"product":"causeway","format":1,"settings":%s}' % wrong
        told = [ctl("config", command, text=text) for command in ("check", "import")]
        check([code for code, _ in told] == [1, 1], f"{wrong}: {told}")
        check(all(wrong[2:12] in answer for _, answer in told), f"{told}")


@case("who may not read the data folder is told of the group")
def closed_folder(scene):
    service = scene.service()
    service.start()
    os.chmod(scene.folder, 0o755)
    os.chmod(service.data, 0o750)
    done = subprocess.run([os.path.join(os.path.dirname(scene.binary), "causewayctl"), "--data", service.data, "status"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False, user=65534,
                          group=65534, extra_groups=[])
    check(done.returncode == 3, f"ended with {done.returncode}: {done.stdout}")
    check("you may not read it" in done.stdout and "adduser" in done.stdout and "log in again" in done.stdout, done.stdout)


@case("a start with a wrong settings file says the same, ends with 2 and leaves nothing running")
def start_bad(scene):
    service = scene.service()
    write(service.data + "/causeway.toml", BAD)
    code, text = scene.run_service(service)
    check(code == 2 and names_line(text, "causeway.toml", 5), f"{code}: {text}")
    check(not os.path.exists(service.data + "/ready.json"), "it said that it is ready")


@case("--set with an unknown key or a wrong value is refused with 2")
def set_bad(scene):
    for words in (("--set", "lan.nonsense=1"), ("--set", "lan.gone_after=never"), ("--set", "lan.gone_after")):
        code, text = scene.run("--data", scene.folder, "--check-config", *words)
        check(code == 2 and words[1].split("=")[0] in text, f"{words}: {code}: {text}")


@case("ready means that everything listens; SIGTERM ends it within 2 s with code 0")
def start_stop(scene):
    service = scene.service()
    took = service.start()
    ready = service.ready
    check(ready["pid"] == service.process.pid, f"the ready file has pid {ready['pid']}")
    check(re.match(r"\d+\.\d+\.\d+", ready["version"]), f"version {ready.get('version')}")
    check(re.match(r"127\.0\.0\.1:[1-9]\d*$", ready["admin"]), f"admin {ready.get('admin')}")
    check(service.get("/healthz") == {"status": "ok"}, "not healthy")
    with open(service.data + "/service.json", encoding="utf-8") as file:
        check(json.load(file)["admin"] == ready["admin"], "service.json differs from the ready file")
    listeners = {row["name"]: row for row in service.get("/v1/status")["listeners"]}
    check(listeners["lan-udp"]["state"] == "listening" and not listeners["lan-udp"]["address"].endswith(":0"),
          f"listeners {listeners}")
    stopped, code = service.stop()
    check(code == 0, f"ended with {code}:\n{service.log()}")
    check(stopped <= 2, f"took {stopped:.2f} s to stop")
    check(not os.path.exists(service.data + "/service.json"), "service.json is still there")
    say(f"  ready after {took:.2f} s, stopped after {stopped:.2f} s")


@case("SIGINT stops it too")
def interrupt(scene):
    service = scene.service()
    service.start()
    stopped, code = service.stop(signal.SIGINT)
    check(code == 0 and stopped <= 2, f"ended with {code} after {stopped:.2f} s")


@case("an open event stream does not delay the stop")
def stop_with_stream(scene):
    service = scene.service()
    service.start()
    with open(service.data + "/admin.token", encoding="utf-8") as file:
        token = file.read().strip()
    reader = subprocess.Popen(["curl", "-sN", "--cacert", service.data + "/admin.crt", "-k", "-H", "Authorization: Bearer " + token,
                               f"https://{service.ready['admin']}/v1/events"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        check(reader.stdout.readline(), "the stream says nothing")
        stopped, code = service.stop()
        check(code == 0 and stopped <= 2, f"ended with {code} after {stopped:.2f} s")
    finally:
        reader.kill()
        reader.wait(timeout=5)


@case("secrets are for the service alone")
def modes(scene):
    service = scene.service()
    service.start()
    for name, mode in (("secret.key", 0o600), ("admin.token", 0o640), ("admin.key", 0o600)):
        real = stat.S_IMODE(os.stat(service.data + "/" + name).st_mode)
        check(real & ~mode == 0, f"{name} has mode {real:o}")
    check(stat.S_IMODE(os.stat(service.data + "/causeway.db").st_mode) & 0o007 == 0, "everybody may read the store")
    service.stop()


def setting(service, key):
    return next(row["value"] for row in service.get("/v1/settings")["items"] if row["key"] == key)


@case("SIGHUP reads the settings file again; a wrong one changes nothing and is logged")
def reload(scene):
    service = scene.service()
    service.start()
    check(setting(service, "log.level") == "info", "unexpected default")
    write(service.data + "/causeway.toml", '[log]\nlevel = "warning"\n')
    service.process.send_signal(signal.SIGHUP)
    until("the new level is in force", 5, lambda: setting(service, "log.level") == "warning")
    write(service.data + "/causeway.toml", '[log]\nlevel = "loud"\n')
    service.process.send_signal(signal.SIGHUP)
    until("the error is logged with its line", 5, lambda: names_line(service.log(), "causeway.toml", 2))
    check(setting(service, "log.level") == "warning", "a wrong file changed the settings")
    check(service.stop()[1] == 0, "did not end properly")


@case("a second service on the same data folder is refused, the first one stays")
def second(scene):
    first = scene.service()
    first.start()
    code, text = scene.run_service(scene.service(data=first.data))
    check(code not in (0, 2) and first.data in text, f"{code}: {text}")
    check("Another causewayd uses the data folder" in text, f"it does not say why: {text}")
    check(first.get("/healthz") == {"status": "ok"}, "the first service suffered")
    check(first.stop()[1] == 0, "the first service did not end properly")


@case("an admin port in use is one clear sentence and a non-zero end")
def admin_port_in_use(scene):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, text = scene.run_service(scene.service({"admin.listen": f"127.0.0.1:{port}"}))
    check(code not in (0, 2), f"ended with {code}: {text}")
    sentence = [line for line in text.splitlines() if line.startswith("causewayd: ")]
    check(len(sentence) == 1 and str(port) in sentence[0] and "in use" in sentence[0], text)
    check("SERVICE_STOP_SLOW" not in text, f"it waited for a loop that never ran: {text}")


@case("a LAN port in use is named in the log, the status and the problems, and the service stays up")
def lan_port_in_use(scene):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        service = scene.service({"lan.listen": f"127.0.0.1:{port}"})
        service.start()
        row = next(row for row in service.get("/v1/status")["listeners"] if row["name"] == "lan-udp")
        check(row["state"] == "failed" and str(port) in row["problem"], f"{row}")
        check(re.search(rf"LAN_LISTEN_FAILED .*{port}.* held by python3", service.log()),
              f"the log does not name the program that holds the port:\n{service.log()}")
        check(any(str(port) in json.dumps(problem) for problem in service.get("/v1/problems")), "no problem is shown")
        check(service.stop()[1] == 0, "did not end properly")


def stopped_store(scene):
    service = scene.service()
    service.start()
    check(service.stop()[1] == 0, "did not end properly")
    for name in ("causeway.db-wal", "causeway.db-shm"):
        if os.path.exists(f"{service.data}/{name}"):
            os.remove(f"{service.data}/{name}")
    return service, service.data + "/causeway.db"


@case("a damaged store is refused and left as it is")
def damaged_store(scene):
    service, store = stopped_store(scene)
    with open(store, "r+b") as file:
        file.write(b"not a database any more" * 400)
    with open(store, "rb") as file:
        before = file.read()
    code, text = scene.run_service(service)
    with open(store, "rb") as file:
        check(file.read() == before, "the damaged store was changed")
    check(code != 0 and "causeway.db" in text and re.search("damaged|not a database", text), f"{code}: {text}")


@case("a store of a newer version is refused and left as it is")
def newer_store(scene):
    service, store = stopped_store(scene)
    with sqlite3.connect(store) as database:
        database.execute("PRAGMA user_version=9999")
    database.close()
    code, text = scene.run_service(service)
    check(code != 0 and "causeway.db" in text and "newer" in text, f"{code}: {text}")
    with sqlite3.connect(store) as database:
        check(database.execute("PRAGMA user_version").fetchone() == (9999,), "the version was changed")
    database.close()


@case("after SIGKILL it starts again with everything that was confirmed")
def killed(scene):
    service = scene.service()
    service.start()
    status, answer = service.api("POST", "/v1/ranges", {"text": "10.20.0.0/24  # north", "isEnabled": False})
    check(status == 201, f"{status}: {answer}")
    service.stop(signal.SIGKILL)
    service.start()
    check([row["text"] for row in service.get("/v1/ranges")["items"]] == [answer["text"]], "the range is lost")
    check(service.stop()[1] == 0, "did not end properly")


@case("it tells systemd when it is ready and when it stops")
def notify(scene):
    service = scene.service()
    path = scene.folder + "/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(path)
        supervisor.settimeout(10)
        service.start(env={**os.environ, "NOTIFY_SOCKET": path})

        def wait_for(word):
            end = time.monotonic() + 10
            while time.monotonic() < end:
                if word in supervisor.recv(4096).decode().splitlines():
                    return
            raise AssertionError(f"it never said {word}")

        wait_for("READY=1")
        service.stop()
        wait_for("STOPPING=1")


def main():
    binary = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    failures = 0
    for sentence, function in CASES:
        if wanted and function.__name__ not in wanted:
            continue
        scene = Scene(binary)
        try:
            function(scene)
            say(f"ok: {sentence}")
        except Exception as error:  # every case runs, also after a failed one
            failures += 1
            say(f"FAILED: {sentence}\n  {type(error).__name__}: {error}")
        finally:
            scene.close()
    say(f"{failures} of {len(CASES)} cases failed" if failures else f"all {len(wanted or CASES)} cases passed")
    return 1 if failures else 0


if __name__ == "__main__":
    isolate()
    sys.exit(main())
