"""Bug reports of the real service: everything that was set is in them, and no secret is, of whatever kind.

    bug_report.py CAUSEWAYD CAUSEWAYCTL

Runs as root in namespaces of its own. Every secret of this test begins with LEAK, or is asked of the service itself.
"""

import base64
import http.client
import json
import os
import pathlib
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from lab import Service, check, isolate, say, until  # noqa: E402
from responders import Responders  # noqa: E402

DOMAIN = "chat.corp.test"
CROWD = ["127.20.1.2", "127.20.1.3"]
SETTINGS = {"lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true", "dns.listen": "127.0.0.1:5354",
            "dns.check_resolver": "false", "server.lan_address": "127.0.0.1", "log.level": "debug"}
# What --anonymous must take away; each of these is really there without it.
NAMES = ["Osaka branch", "margaret", DOMAIN, "10.77.3.", "dc1.corp.test", "ou=people,dc=corp,dc=test", "behind the kitchen",
         "User 127-20-1-2", "carol"]


class Ctl:
    def __init__(self, binary, service, folder):
        self.binary, self.service, self.folder = binary, service, folder

    def run(self, *words, rc=0, where=None, env=None):
        where = where if where is not None else ["--data", self.service.data]
        done = subprocess.run([self.binary, *where, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              cwd=self.folder, env={**os.environ, **(env or {})}, check=False)
        check(done.returncode == rc, f"causewayctl {' '.join(words)} ended with {done.returncode}, wanted {rc}:\n"
                                     f"{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def report(self, name, *words, rc=0, **more):
        """Makes a report; its files by name, and what was said."""
        said = self.run("bugreport", "--output", name, *words, rc=rc, **more)
        return read_zip(self.folder / name), said


def read_zip(path):
    with zipfile.ZipFile(path) as archive:
        check(archive.testzip() is None, f"{path} is damaged")
        return {info.filename: archive.read(info) for info in archive.infolist()}


def made(answer, wanted=(200, 201, 204)):
    status, body = answer
    check(status in wanted, f"{status} {body}")
    return body


class Events:
    """What a console hears, as one text."""

    def __init__(self, service):
        self.text = ""
        address, port = service.ready["admin"].rsplit(":", 1)
        context = ssl.create_default_context(cafile=service.data + "/admin.crt")
        context.check_hostname = False
        self.connection = http.client.HTTPSConnection(address, int(port), timeout=120, context=context)
        with open(service.data + "/admin.token", encoding="utf-8") as file:
            token = file.read().strip()
        self.connection.request("GET", "/v1/events?logs=1", headers={"Authorization": "Bearer " + token})
        self.answer = self.connection.getresponse()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            while line := self.answer.readline():
                self.text += line.decode("utf-8", "replace")
        except (OSError, ValueError, AttributeError):
            pass


def rows(data, query):
    """Of the store of the service, while it runs."""
    database = sqlite3.connect(f"file:{data}/causeway.db?mode=ro", uri=True)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def fill(service, folder):
    """Something of every kind, and a secret in each; the list of all secrets."""
    api = service.api
    secrets = []

    def leak(word):
        secrets.append(f"LEAK-{word}-{os.urandom(6).hex()}")
        return secrets[-1]

    def provider(name, kind, settings, keys):
        return made(api("POST", "/v1/providers", {"name": name, "kind": kind, "settings": settings, "secrets": keys}))["id"]

    radius_secret = leak("radius")
    ids = [
        provider("Corp LDAP", "ldap", {"servers": "dc1.corp.test:9", "bases": "ou=people,dc=corp,dc=test", "security": "none",
                                       "bind_dn": "cn=reader,dc=corp,dc=test", "timeout": "1"}, {"bind_password": leak("ldap")}),
        provider("Corp RADIUS", "radius", {"servers": "127.0.0.1:9", "timeout": "1"}, {"secret": radius_secret}),
        provider("Corp HTTP", "http", {"url": "http://127.0.0.1:9/check", "proof": "bearer", "timeout": "1"}, {"token": leak("http-token")}),
        provider("Corp HMAC", "http", {"url": "http://127.0.0.1:9/check", "proof": "hmac", "timeout": "1"}, {"hmac_secret": leak("http-hmac")}),
        provider("Corp SQL", "sql", {"engine": "mariadb", "server": "127.0.0.1:9", "database": "staff", "login": "reader",
                                     "security": "none", "timeout": "1"}, {"password": leak("sql")}),
    ]
    odbc = leak("odbc")
    ids.append(provider("Corp ODBC", "sql", {"engine": "odbc", "connection": "DRIVER={FreeTDS};SERVER=127.0.0.1;PORT=9;UID=x", "timeout": "1"},
                        {"password": odbc}))
    # Somebody who remembers his people's passwords through an outage.
    remembered = leak("remembered")
    staff = folder / "staff.sqlite"
    with sqlite3.connect(staff) as database:
        database.execute("CREATE TABLE users(name TEXT, password TEXT)")
        database.execute("INSERT INTO users VALUES('carol', ?)", (remembered,))
    database.close()
    ids.append(provider("Staff", "sql", {"engine": "sqlite", "file": str(staff), "scheme": "plain", "survive_outage": "true"}, {}))
    # What somebody wrote where everybody reads it is shown there, but a report goes further.
    note = f"behind the kitchen, ask for {radius_secret}; the other one: password={leak('note')}"
    domain = made(api("POST", "/v1/domains", {"name": DOMAIN, "providers": [ids[-1]], "note": note}))["id"]
    trail = made(api("POST", f"/v1/domains/{domain}/login-test", {"name": "carol", "password": remembered}))
    check(trail["outcome"] == "right", f"{trail}")
    until("the password is remembered", 20, lambda: rows(service.data, "SELECT name FROM secrets WHERE name LIKE 'remembered/%'"))
    staff.write_bytes(b"no database any more " * 1000)
    trail = made(api("POST", f"/v1/domains/{domain}/login-test", {"name": "carol", "password": remembered}))
    check(trail["outcome"] == "right" and any(step["wasRemembered"] for step in trail["steps"]), f"{trail}")
    # Wrong logins leave trails and lines in the log.
    made(api("POST", f"/v1/domains/{domain}/login-test", {"name": "carol", "password": leak("wrong-login")}))
    for each in ids[:3]:
        made(api("POST", "/v1/providers/test", {"id": each, "login": {"name": "carol", "password": leak("rehearsal")}}))
    made(api("POST", f"/v1/domains/{domain}/accounts", {"localPart": "margaret", "password": leak("account")}))

    key = base64.b64encode(leak("tsig").encode()).decode()
    secrets.append(key)
    made(api("POST", "/v1/dns/keys", {"name": "transfer", "secret": key}))
    secrets.append(made(api("POST", f"/v1/domains/{domain}/supernodes",
                            {"name": "sn2", "origin": "token", "lanAddress": "10.77.3.6"}))["token"])
    admin = leak("admin")
    made(api("POST", "/v1/admins", {"name": "margaret", "role": "admin", "password": admin}))
    secrets.append(made(api("POST", "/v1/login", {"name": "margaret", "password": admin}))["token"])
    made(api("POST", "/v1/login", {"name": "margaret", "password": leak("wrong-admin")}), (401, 403))
    secrets.append(made(api("POST", "/v1/tokens", {"name": "backup", "role": "viewer"}))["token"])
    made(api("POST", "/v1/bases", {"name": "Osaka branch", "segments": ["10.77.3.0/24"], "note": "second floor"}))
    made(api("POST", "/v1/ranges", {"text": "10.77.3.*  # the branch", "isEnabled": False}))
    made(api("POST", "/v1/ranges", {"text": "127.20.1.2-127.20.1.3", "isEnabled": True}))
    until("the users are found", 60, lambda: len(service.get("/v1/users")["items"]) == len(CROWD), every=0.3)
    return secrets, note


def kept_secrets(data):
    """What lies in the data folder and must never leave it: keys, tokens, hashes."""
    kept = []
    data = pathlib.Path(data)
    kept.append((data / "admin.token").read_text(encoding="utf-8").strip())
    key = (data / "secret.key").read_bytes()
    kept += [key.strip().decode("latin-1"), key.hex(), base64.b64encode(key).decode()]
    kept += [line for line in (data / "admin.key").read_text(encoding="utf-8").splitlines() if line and not line.startswith("-")]
    for query in ("SELECT password_hash FROM administrators", "SELECT token_hash FROM tokens",
                  "SELECT token_hash FROM supernodes WHERE token_hash <> ''"):
        kept += [row[0] for row in rows(data, query)]
    columns = [row[1] for row in rows(data, "PRAGMA table_info(account_keys)")]
    for row in rows(data, "SELECT * FROM account_keys"):
        kept += [value for column, value in zip(columns, row) if isinstance(value, str) and column != "hash"]
    check(len(kept) > 12, f"too few secrets in the data folder: {len(kept)}")
    return [each for each in kept if len(each) > 8]


def find_leaks(secrets, places):
    for place, content in places.items():
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        for secret in secrets:
            at = text.find(secret)
            check(at < 0, f"a secret ({secret[:12]}...) stands in {place}: ...{text[max(0, at - 80):at]}")
        check("LEAK-" not in text, f"a secret stands in {place}")
        check("PRIVATE KEY" not in text, f"a private key stands in {place}")


def reports(ctl, service, secrets, trace):
    plain, said = ctl.report("plain.zip", "--trace", str(trace))
    check("The report is in plain.zip" in said and "Nothing was sent anywhere" in said, said)
    check((ctl.folder / "plain.zip").stat().st_mode & 0o077 == 0, "others can read the report")
    names = ctl.run("bugreport", "--list")
    for name in plain:
        check(name in names or name.startswith("packets/"), f"{name} is not listed:\n{names}")
    for name in ("README.txt", "console/environment.txt", "service/environment.json", "service/status.json",
                 "service/problems.json", "service/settings.json", "service/configuration.json", "service/log.txt",
                 "service/audit.json", "service/metrics.txt", "service/providers.json", "service/domains/domain-1.json",
                 f"service/traces/trace-{trace}.json", f"packets/trace-{trace}.pcapng"):
        check(plain.get(name), f"{name} is missing in {sorted(plain)}")
    for name, content in plain.items():
        if name.endswith(".json"):
            json.loads(content)
    # It is full: what is no secret is there, also beside the secrets.
    everything = b"\n".join(content for name, content in plain.items() if not name.endswith(".pcapng")).decode()
    for word in (*NAMES, "bind_password", "cn=reader,dc=corp,dc=test", "transfer", "SERVICE_READY", "the other one: password=***",
                 "ask for ***", "10.77.3.6"):
        check(word in everything, f"{word} is not in the report")
    check(plain[f"packets/trace-{trace}.pcapng"].startswith(b"\x0a\x0d\x0d\x0a"), "that is no pcapng")

    anonymous, said = ctl.report("anonymous.zip", "--anonymous", "--trace", str(trace))
    check("names and addresses replaced" in said and "packets are left out" in said, said)
    check(not any(name.startswith("packets/") for name in anonymous), f"{sorted(anonymous)}")
    for place, content in anonymous.items():
        text = content.decode().lower()
        for word in NAMES:
            check(word.lower() not in text, f"{word} stands in {place} of the anonymous report: "
                                            f"{text[max(0, text.find(word.lower()) - 80):][:200]}")
        if place.endswith(".json"):
            json.loads(content)
    check("Names were replaced" in anonymous["README.txt"].decode(), "README does not say it")
    check("domain-1" in anonymous["service/domains.json"].decode(), "no word stands for the domain")

    fewer, _ = ctl.report("fewer.zip", "--leave-out", "service/log.txt", "--leave-out", "service/audit.json")
    check("service/log.txt" not in fewer and "service/audit.json" not in fewer and "service/status.json" in fewer, f"{sorted(fewer)}")
    check("Left out by the person" in fewer["README.txt"].decode(), fewer["README.txt"].decode())
    check('"wallClockOffsetMs"' in ctl.run("bugreport", "--show", "service/status.json"), "one file is shown")
    ctl.run("bugreport", "--leave-out", "nothing.txt", rc=2)
    said = ctl.run("bugreport", "--output", "plain.zip", rc=1)
    check("There is a file plain.zip already" in said and "--force" in said, said)
    ctl.report("plain.zip", "--force")

    # Somebody who may only read gets what the program knows itself.
    token = made(service.api("POST", "/v1/tokens", {"name": "reader", "role": "viewer"}))["token"]
    secrets.append(token)
    file = ctl.folder / "token"
    file.write_text(token, encoding="utf-8")
    facts = made(service.api("GET", "/v1/status"))
    partly, said = ctl.report("partly.zip", rc=1, where=["--connect", service.ready["admin"], "--token-file", str(file), "--fingerprint",
                                                         facts["certificateFingerprint"]])
    check(sorted(partly) == ["README.txt", "console/environment.txt"], f"{sorted(partly)}")
    check("NOT COMPLETE" in partly["README.txt"].decode() and "role admin" in partly["README.txt"].decode(), partly["README.txt"].decode())
    check("without the part of the service" in said, said)
    all_files = {}
    for zipped in ("plain.zip", "anonymous.zip", "fewer.zip", "partly.zip"):
        all_files |= {f"{zipped}: {name}": content for name, content in read_zip(ctl.folder / zipped).items()}
    all_files |= {f"with packets: {name}": content for name, content in plain.items()}
    return all_files


def main():
    isolate()
    with tempfile.TemporaryDirectory(prefix="causeway-bugreport-") as name, Responders(CROWD):
        folder = pathlib.Path(name)
        service = Service(sys.argv[1], settings=SETTINGS, folder=str(folder))
        service.start()
        try:
            ctl = Ctl(sys.argv[2], service, folder)
            events = Events(service)
            secrets, note = fill(service, folder)
            ctl.run("trace", "run", "127.20.1.2", rc=1)  # no network card is up here: a verdict all the same
            trace = service.get("/v1/traces")["items"][0]["id"]
            say(f"{len(secrets)} secrets given or made")
            places = reports(ctl, service, secrets, trace)
            secrets += kept_secrets(service.data)
            audit = service.get("/v1/audit?limit=1000")["items"]
            reads = [each for each in audit if each["action"] == "bugreport.read"]
            check(len(reads) >= 5 and "service/log.txt" in reads[0]["after"], f"{reads[:1]}")
            check(not any(each["action"] == "config.export" for each in audit), "a report looks like an export")
            until("the events are there", 20, lambda: "event: providers" in events.text and "event: log" in events.text)
            shown = {"log": service.log(), "events": events.text, "audit": json.dumps(audit),
                     "configuration": ctl.run("config", "export"), "logs": json.dumps(service.get("/v1/logs?limit=5000"))}
            for path in ("/v1/providers", "/v1/domains", "/v1/settings", "/v1/status", "/v1/problems", "/v1/admins", "/v1/tokens",
                         "/v1/dns", "/v1/openapi.json"):
                shown[path] = json.dumps(service.get(path))
            check(note in shown["events"] and note in shown["/v1/domains"], "the note is not shown")
            places["/v1/bugreport"] = json.dumps(service.get("/v1/bugreport"))
            places |= {place: text.replace(note, "") for place, text in shown.items()}
            find_leaks(secrets, places)
            say(f"{len(secrets)} secrets looked for in {len(places)} places")
        finally:
            service.stop()
        begin = time.monotonic()
        alone, said = ctl.report("alone.zip", rc=3)
        check(sorted(alone) == ["README.txt", "console/environment.txt"], f"{sorted(alone)}")
        check("NOT COMPLETE: the part of the service is missing." in alone["README.txt"].decode(), alone["README.txt"].decode())
        check("without the part of the service" in said, said)
        say(f"without a service {time.monotonic() - begin:.1f} s")
        find_leaks(secrets, {f"alone: {each}": content for each, content in alone.items()})
    say("bug report: all steps passed")


if __name__ == "__main__":
    main()
