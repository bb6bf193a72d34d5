"""Chat domains as an administrator meets them: causewayd with a real slapd, real DNS tools and openssl.

    chat_domains.py CAUSEWAYD CAUSEWAYCTL

Runs as root in a network and a mount namespace of its own.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import auth_servers as world  # noqa: E402
from auth_servers import PASSWORD  # noqa: E402
from lab import Service, check, say, until  # noqa: E402

HERE = "10.77.0.5"
NAME = "chat.corp.test"
BIND_SECRET = "reader secret"


def network():
    world.enter_own_network(["dc1.corp.test"])
    for words in (["ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"],
                  ["ip", "addr", "add", f"{HERE}/24", "dev", "lan0"],
                  ["ip", "link", "set", "lan1", "up"], ["ip", "link", "set", "lan0", "up"]):
        subprocess.run(words, check=True)


def use_resolver(servers, address):
    """The resolver of this computer, for this test alone."""
    file = servers.folder / "resolv.conf"
    is_new = not file.exists()
    file.write_text(f"nameserver {address}\n")
    file.chmod(0o644)
    if is_new:
        subprocess.run(["mount", "--bind", str(file), os.path.realpath("/etc/resolv.conf")], check=True)


def dig(name, kind, server=HERE, *more):
    done = subprocess.run(["kdig", f"@{server}", name, kind, "+short", "+timeout=2", "+retry=1", *more],
                          capture_output=True, text=True, timeout=30, check=False)
    return sorted(line for line in done.stdout.splitlines() if line and not line.startswith(";"))


def rcode(name, kind, server=HERE):
    done = subprocess.run(["kdig", f"@{server}", name, kind, "+timeout=2", "+retry=1"], capture_output=True, text=True,
                          timeout=30, check=False)
    found = re.search(r"status: (\w+)", done.stdout)
    return found.group(1) if found else "none"


class Office:
    """The service, its command line, and what stands beside it."""

    def __init__(self, servers, binary, ctl):
        self.servers = servers
        self.ctl_binary = ctl
        self.service = Service(binary, settings={"lan.enabled": "false", "log.level": "debug"}, folder=str(servers.folder))
        servers.callback(self.stop)

    def stop(self):
        if self.service.process is not None and self.service.process.poll() is None:
            self.service.stop()

    def ctl(self, *words, rc=0, stdin=""):
        done = subprocess.run([self.ctl_binary, "--data", self.service.data, *words], input=stdin, capture_output=True,
                              text=True, timeout=60, check=False)
        check(done.returncode == rc, f"causewayctl {' '.join(words)} ended with {done.returncode}, wanted {rc}:\n"
                                     f"{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def domain(self):
        rows = self.service.get("/v1/domains")["items"]
        return next((row for row in rows if row["name"] == NAME), None)

    def proofs(self):
        return self.service.get(f"/v1/domains/{self.domain()['id']}")

    def dots(self):
        row = self.domain()
        return row["directory"]["state"], row["supernode"]["state"]

    def expect_dots(self, *wanted, seconds=30):
        """Measured now; again while a proof of the last second stands for it."""
        def are_there():
            self.service.api("POST", f"/v1/domains/{self.domain()['id']}/check")
            return self.dots() == wanted

        try:
            until(f"dots {wanted}", seconds, are_there, every=0.5)
        except AssertionError as late:
            raise AssertionError(f"{late}; now {self.dots()}: {json.dumps(self.proofs(), indent=1)[:4000]}") from None


class Listener:
    """Reads the events of the service as a console does."""

    def __init__(self, service):
        self.found = []
        address, port = service.ready["admin"].rsplit(":", 1)
        with open(service.data + "/admin.token", encoding="utf-8") as file:
            token = file.read().strip()
        self.process = subprocess.Popen(
            ["curl", "-sN", "--cacert", service.data + "/admin.crt", "--resolve", f"localhost:{port}:{address}",
             "-k", "-H", f"Authorization: Bearer {token}", f"https://{address}:{port}/v1/events"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        name = ""
        for line in self.process.stdout:
            if line.startswith("event:"):
                name = line.split(":", 1)[1].strip()
            elif line.startswith("data:"):
                self.found.append((time.monotonic(), name, line.split(":", 1)[1].strip()))

    def close(self):
        self.process.terminate()
        self.process.wait(10)


def from_nothing(office):
    """An empty service has no door open; bad names are refused with a sentence."""
    listeners = {each["name"]: each for each in office.service.get("/v1/status")["listeners"]}
    check(listeners["dns"]["state"] == "off" and listeners["supernode"]["state"] == "off", f"{listeners}")
    for name, words in (("localhost", "host name"), ("*.corp.test", "wildcard"), ("192.0.2.1", "address"), ("", "name"),
                        ("chat..test", "chat..test")):
        status, body = office.service.api("POST", "/v1/domains", {"name": name})
        check(status == 400 and words in json.dumps(body), f"{name}: {status} {body}")


def to_two_green_dots(office, servers):
    """Provider, graded test, domain, both dots; measured from the first command."""
    begin = time.monotonic()
    provider = {"name": "Corp directory", "kind": "ldap",
                "settings": {"servers": "dc1.corp.test:3389", "security": "starttls", "ca": servers.authority.pem,
                             "bases": "dc=corp,dc=test", "bind_dn": "cn=reader,dc=corp,dc=test"},
                "secrets": {"bind_password": BIND_SECRET}}
    status, proof = office.service.api("POST", "/v1/providers/test", {**provider, "login": {"name": "ann", "password": PASSWORD}})
    check(status == 200 and proof["state"] == "fine", f"graded test: {status} {proof}")
    status, wrong = office.service.api("POST", "/v1/providers/test",
                                       {**provider, "secrets": {"bind_password": "not this"}})
    check(status == 200 and wrong["state"] == "broken" and "bind" in json.dumps(wrong), f"{status} {wrong}")
    status, saved = office.service.api("POST", "/v1/providers", provider)
    check(status == 201 and "bind_password" in saved["secretsSet"], f"{status} {saved}")
    check(BIND_SECRET not in json.dumps(saved), "a secret came back")
    status, domain = office.service.api("POST", "/v1/domains", {"name": NAME.upper(), "providers": [saved["id"]], "ttl": 60})
    check(status == 201 and domain["name"] == NAME, f"{status} {domain}")
    until(f"two green dots: {json.dumps(office.proofs(), indent=1)[-3000:]}", 30, lambda: office.dots() == ("fine", "fine"))
    say(f"two green dots {time.monotonic() - begin:.1f} s after the first question")
    check(office.domain()["login"] == "open", f"{office.domain()}")
    status, body = office.service.api("POST", "/v1/domains", {"name": NAME})
    check(status in (400, 409) and NAME in json.dumps(body), f"the same name again: {status} {body}")
    return saved["id"]


def resolvers_find_it(office):
    check(dig(f"_xmpp-client._tcp.{NAME}", "SRV") == [f"10 10 5222 sn1.{NAME}."], "SRV of clients")
    check(dig(f"_xmpps-client._tcp.{NAME}", "SRV", HERE, "+tcp") == [f"10 10 5223 sn1.{NAME}."], "SRV of TLS clients")
    check(dig(f"sn1.{NAME}", "A") == [HERE], "address of the supernode")
    check(rcode(f"nobody.{NAME}", "A") == "NXDOMAIN" and rcode("example.com", "A") == "REFUSED", "what is not there")
    text = office.ctl("dns", "check", NAME, "--resolver", HERE)
    check(text.count("right") >= 3 and "not right" not in text, text)
    for form, word in (("bind", "SRV"), ("windows", "Add-DnsServerResourceRecord"), ("dnsmasq", "srv-host="),
                       ("unbound", "local-data")):
        check(word in office.ctl("dns", "records", NAME, "--form", form, "--zone", "corp.test"), form)
    rows = office.service.get("/v1/dns")["rows"]
    check(rows and rows[0]["address"] == HERE and rows[0]["isLive"] and rows[0]["queries"] > 0, f"{rows}")


def certificate_is_the_one_told(office):
    facts = office.proofs()["certificateFacts"]
    check(facts["isSelfSigned"] and facts["coversDomain"] and facts["forClients"], f"{facts}")
    for port, more in ((5223, []), (5222, ["-starttls", "xmpp", "-xmpphost", NAME])):
        shown = subprocess.run(["openssl", "s_client", "-connect", f"{HERE}:{port}", "-servername", NAME, *more],
                               input="", capture_output=True, text=True, timeout=20, check=False).stdout
        print_of = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=shown,
                                  capture_output=True, text=True, timeout=20, check=False).stdout
        check(facts["sha256"] == print_of.strip().rsplit("=", 1)[-1].replace(":", "").lower(), f"port {port}: {print_of}")
    tlsa = dig(f"_5223._tcp.sn1.{NAME}", "TLSA")
    check(tlsa and tlsa[0].lower().replace(" ", "") == ("311" + facts["publicKeySha256"]), f"{tlsa} {facts}")


def logins_follow_the_chain(office):
    row = office.domain()

    def trail(name, password):
        status, body = office.service.api("POST", f"/v1/domains/{row['id']}/login-test", {"name": name, "password": password})
        check(status == 200, f"{status} {body}")
        return body

    check(trail("ann", PASSWORD)["outcome"] == "right", "right password")
    check(trail("ANN", PASSWORD)["address"] == f"ann@{NAME}", "names are prepared")
    check(trail("ann", "wrong")["outcome"] == "wrong-password", "wrong password")
    check(trail("stranger", PASSWORD)["outcome"] == "unknown-user", "unknown user")
    status, body = office.service.api("POST", f"/v1/domains/{row['id']}/accounts",
                                      {"localPart": "rescue", "password": "a long password"})
    check(status == 201 and "a long password" not in json.dumps(body), f"{status} {body}")
    check(trail("rescue", "a long password")["outcome"] == "right", "built-in account")
    check(trail("rescue", "another")["outcome"] == "wrong-password", "wrong password of a built-in account")


def traced(office, *words, wanted, stdin=""):
    """A trace of a login ends with this verdict; the whole trace."""
    office.ctl("trace", *words, rc=0 if wanted == "OK" else 1, stdin=stdin)
    newest = office.service.get("/v1/traces")["items"][0]
    whole = office.service.get(f"/v1/traces/{newest['id']}")
    codes = [each["code"] for each in whole["verdicts"]]
    check(codes and codes[0] == wanted, f"trace {' '.join(words)}: {codes}, wanted {wanted}: {json.dumps(whole, indent=1)[:3000]}")
    check(PASSWORD not in json.dumps(whole) and "wrong horse" not in json.dumps(whole), "the password stands in the trace")
    return {row["step"]: row for row in whole["rows"]}


def login_is_traced(office):
    """The way of a login, from DNS to the person, with the verdict that fits."""
    rows = traced(office, f"ann@{NAME}", wanted="OK")
    for step in ("domain-known", "domain-records", "domain-addresses", "domain-tcp", "domain-tls", "domain-certificate",
                 "domain-stream", "domain-directory", "domain-person"):
        check(rows[step]["grade"] == "fine", f"{step}: {rows[step]}")
    for step in ("domain-mechanisms", "domain-session"):
        check(rows[step]["grade"] == "not-measured" and "does not take logins yet" in rows[step]["result"], f"{rows[step]}")
    check("Corp directory" in rows["domain-person"]["result"], f"{rows['domain-person']}")
    traced(office, f"ann@{NAME}", "--ask-password", wanted="OK", stdin=PASSWORD + "\n")
    traced(office, f"ann@{NAME}", "--ask-password", wanted="PASSWORD_WRONG", stdin="wrong horse\n")
    traced(office, f"stranger@{NAME}", "--ask-password", wanted="USER_UNKNOWN", stdin="wrong horse\n")
    traced(office, f"stranger@{NAME}", wanted="USER_UNKNOWN")
    traced(office, "ann@chat.other.test", wanted="DOMAIN_UNKNOWN")
    rows = traced(office, "--domain", NAME, wanted="OK")
    check(rows["domain-person"]["grade"] == "not-measured", f"{rows['domain-person']}")
    rows = traced(office, "--domain", NAME, "--resolver", "10.77.0.77", wanted="RESOLVER_SILENT")
    check(rows["domain-records"]["grade"] == "partly", f"{rows['domain-records']}")
    text = office.ctl("trace", rc=2)
    check("alice@chat.example.com" in text, text)
    office.ctl("trace", "run", "bob", rc=1)  # users of the LAN need the LAN directory, which is off here
    audit = json.dumps(office.service.get("/v1/audit"))
    check("rehearses it with a password" in audit and "wrong horse" not in audit, "the audit of the traces")


def directory_stops(office, servers, slapd):
    """Red with a reason, told within a second; logins are 'cannot ask', not 'wrong password'; green again by itself."""
    events = Listener(office.service)
    until("the stream begins", 10, lambda: events.found)
    servers.stop(slapd)
    # The built-in account of the step before can still log in, so that the dot is amber.
    office.expect_dots("partly", "fine")
    office.ctl("accounts", "remove", f"rescue@{NAME}")
    office.expect_dots("broken", "fine")
    traced(office, f"ann@{NAME}", wanted="DIRECTORY_CANNOT_ASK")
    proof = office.proofs()
    check("dc1.corp.test" in json.dumps(proof["directory"]), f"{proof['directory']}")
    check(office.domain()["login"] == "directory-down", f"{office.domain()}")
    until("the event of the red dot", 5, lambda: any(
        name == "domains" and '"broken"' in data for _, name, data in events.found))
    status, body = office.service.api("POST", f"/v1/domains/{proof['id']}/login-test", {"name": "ann", "password": PASSWORD})
    check(status == 200 and body["outcome"] == "cannot-ask", f"{body}")
    events.close()
    again = slapd_again(servers)
    until("green without a question", 60, lambda: office.dots() == ("fine", "fine"))
    check(len(office.service.get(f"/v1/domains/{proof['id']}/history")["items"]) >= 4, "history of the dots")
    return again


def slapd_again(servers):
    again = servers.start("slapd-again", ["/usr/sbin/slapd", "-f", str(servers.folder / "slapd" / "slapd.conf"), "-d", "0",
                                          "-h", "ldap://127.0.0.1:3389/ ldaps://127.0.0.1:3390/"])
    servers.wait_listening("slapd-again", again, 3389)
    return again


def remembered_passwords_outlast_restarts(office, servers, slapd):
    """The directory is away, and the service is stopped and killed meanwhile: who logged in before still can."""
    row = office.domain()

    def provider():
        return office.service.get("/v1/providers")["items"][0]

    def login(name, password):
        status, trail = office.service.api("POST", f"/v1/domains/{row['id']}/login-test", {"name": name, "password": password})
        check(status == 200, f"{status} {trail}")
        return trail["outcome"], trail["wasRemembered"]

    status, body = office.service.api("PATCH", f"/v1/providers/{provider()['id']}", {"settings": {"survive_outage": "true"}})
    check(status == 200, f"{status} {body}")

    def is_remembered():
        check(login("ann", PASSWORD) == ("right", False), "the directory itself let her in")
        return provider()["status"]["remembered"] == 1
    until("the password is remembered", 10, is_remembered)
    servers.stop(slapd)
    for end in (signal.SIGTERM, signal.SIGKILL):
        office.service.stop(end)
        office.service.start()
        until("it is remembered after the restart", 10, lambda: provider()["status"]["remembered"] == 1)
        check(login("ann", PASSWORD) == ("right", True), f"the outage is survived: {login('ann', PASSWORD)}")
        check(login("ann", "wrong") == ("cannot-ask", False), "another password is not told as wrong")
        check(login("bob", PASSWORD) == ("cannot-ask", False), "who never logged in is not let in")
    slapd = slapd_again(servers)
    until("the directory is asked again", 60, lambda: login("bob", PASSWORD) == ("right", False))
    status, body = office.service.api("PATCH", f"/v1/providers/{provider()['id']}", {"settings": {"survive_outage": "false"}})
    check(status == 200 and provider()["status"]["remembered"] == 0, f"nothing is remembered when it is turned off: {body}")
    office.expect_dots("fine", "fine")


def resolver_knows_nothing(office, servers):
    """A resolver that leads nobody here makes the dot amber, unless the administrator says that it does not count."""
    use_resolver(servers, "10.77.0.77")  # nobody has this address
    office.expect_dots("fine", "partly")
    check("resolver" in office.domain()["supernode"]["sentence"], f"{office.domain()['supernode']}")
    office.ctl("settings", "set", "dns.check_resolver", "false")
    office.expect_dots("fine", "fine")
    office.ctl("settings", "set", "dns.check_resolver", "true")
    use_resolver(servers, "127.0.0.1")
    office.expect_dots("fine", "fine")


def certificate_of_files(folder, number):
    """A key and a certificate for the domain; each number is another one. Its SHA-256."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90",
                    "-subj", f"/CN=made {number}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(folder / "new.key"),
                    "-out", str(folder / "new.pem")], check=True, capture_output=True)
    done = subprocess.run(["openssl", "x509", "-in", str(folder / "new.pem"), "-noout", "-fingerprint", "-sha256"],
                          check=True, capture_output=True, text=True)
    os.replace(folder / "new.key", folder / "chat.key")
    os.replace(folder / "new.pem", folder / "chat.pem")
    return done.stdout.strip().rsplit("=", 1)[-1].replace(":", "").lower()


def certificate_change_is_told(office):
    """Somebody puts new files in the place of the old ones; nothing else changes, and consoles hear of it."""
    folder = office.servers.folder
    first = certificate_of_files(folder, 1)
    office.ctl("domains", "change", NAME, "--certificate", str(folder / "chat.pem"), "--key", str(folder / "chat.key"))
    until("the files are served", 20, lambda: office.proofs()["certificateFacts"]["sha256"] == first)
    revision = office.domain()["revision"]
    events = Listener(office.service)
    until("the stream begins", 10, lambda: events.found)
    second = certificate_of_files(folder, 2)
    until("the event of the new certificate", 90, lambda: any(
        name == "domains" and second in data for _, name, data in events.found))
    check(office.domain()["revision"] == revision, "the domain itself was changed")
    events.close()
    office.ctl("domains", "change", NAME, "--self-signed")
    office.expect_dots("fine", "fine")


def settings_that_cannot_work(office):
    """A key that is not there is refused by name; an address of another computer is a warning, and is taken."""
    text = office.ctl("settings", "set", "dns.secondaries=10.77.0.53 key=nope", rc=1)
    check('no key "nope"' in text and "key-add nope" in text, text)
    office.ctl("dns", "key-add", "nope")
    office.ctl("settings", "set", "dns.secondaries=10.77.0.53 key=nope")
    office.ctl("settings", "reset", "dns.secondaries")
    office.ctl("dns", "key-remove", "nope")

    def problems():
        return [each["id"] for each in office.service.get("/v1/problems")]

    check("server.lan-address" not in problems(), f"{problems()}")
    office.ctl("settings", "set", "server.lan_address=192.0.2.77")
    until("the problem is told", 10, lambda: "server.lan-address" in problems())
    status = subprocess.run([office.ctl_binary, "--data", office.service.data, "status"], capture_output=True, text=True,
                            timeout=60, check=False).stdout
    check("192.0.2.77" in status, status)
    check(office.service.log().count("SERVER_ADDRESS_FOREIGN") == 1, "the log tells it once")
    office.ctl("settings", "set", f"server.lan_address={HERE}")
    until("the problem is gone", 10, lambda: "server.lan-address" not in problems())
    office.ctl("settings", "reset", "server.lan_address")


def configuration_goes_along(office):
    """To a fresh service, without the password: that one says what is missing, and works when it is typed."""
    exported = office.ctl("config", "export")
    check(BIND_SECRET not in exported and "built-in accounts" in exported, exported)
    other = Office(office.servers, office.service.binary, office.ctl_binary)
    other.service.settings.update({"dns.listen": f"{HERE}:5399", "supernode.port": "6222", "supernode.tls_port": "6223"})
    other.service.start()
    file = office.servers.folder / "config.json"
    file.write_text(exported)
    text = other.ctl("config", "import", str(file))
    check("needs its password (bind_password)" in text, text)
    before, after = json.loads(exported), json.loads(other.ctl("config", "export"))
    for part in ("providers", "domains", "settings", "bases", "ranges"):
        check(before.get(part) == after.get(part), f"{part}: {before.get(part)} {after.get(part)}")
    check("needs its password" in other.ctl("providers", "list"), "the list says it")
    until("the dot says it", 30, lambda: other.dots()[0] == "broken")
    check("needs its password" in other.domain()["directory"]["sentence"], f"{other.domain()['directory']}")
    revision = other.domain()["revision"]
    text = other.ctl("config", "import", str(file))
    check("0 providers and 0 chat domains" in text and other.domain()["revision"] == revision, text)
    secret = office.servers.folder / "typed"
    secret.write_text(BIND_SECRET)
    other.ctl("providers", "change", "Corp directory", "--secret-file", f"bind_password={secret}")
    until("people can log in", 30, lambda: other.dots()[0] == "fine")
    other.stop()


def serials_survive_restarts(office):
    def serial():
        return int(dig(NAME, "SOA")[0].split()[2])

    before = serial()
    for _ in range(2):
        office.service.stop()
        office.service.start()
        until("DNS answers again", 10, lambda: dig(NAME, "SOA"))
        check(serial() >= before, f"the serial went back: {serial()} after {before}")
        before = serial()
    until("green after the restart", 30, lambda: office.dots() == ("fine", "fine"))


def other_supernodes(office):
    """By hand and with a token; who does not say that he lives is not told."""
    row = office.domain()
    status, body = office.service.api("POST", f"/v1/domains/{row['id']}/supernodes",
                                      {"name": "sn2", "origin": "token", "lanAddress": "10.77.0.6", "weight": 30})
    check(status == 201 and len(body["token"]) > 30, f"{status} {body}")
    check(dig(f"sn2.{NAME}", "A") == [], "nobody is led to a supernode that has not registered")
    beat = {"token": body["token"], "version": "0.1.0"}
    status, answer = office.service.api("POST", "/v1/supernodes/heartbeat", beat)
    check(status == 200, f"{status} {answer}")
    until("sn2 is told", 10, lambda: dig(f"sn2.{NAME}", "A") == ["10.77.0.6"])
    check(dig(f"_xmpp-client._tcp.{NAME}", "SRV") == [f"10 10 5222 sn1.{NAME}.", f"10 30 5222 sn2.{NAME}."], "weights")
    status, _ = office.service.api("POST", "/v1/supernodes/heartbeat", {"token": "x" * 43, "version": "1"})
    check(status == 403, f"a wrong token: {status}")
    nodes = {each["name"]: each["id"] for each in office.domain()["supernodes"]}
    office.ctl("domains", "supernode-change", str(nodes["sn2"]), "--off")
    until("sn2 is withdrawn", 10, lambda: dig(f"sn2.{NAME}", "A") == [])
    office.ctl("domains", "supernode-remove", str(nodes["sn2"]))


def port_is_held(office):
    """A port that another program has is a problem with its name; the records can still be read."""
    office.ctl("settings", "set", "dns.listen", f"{HERE}:5354")
    until("it listens elsewhere", 10, lambda: office.service.get("/v1/dns")["status"]["listeners"] == [f"{HERE}:5354"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((HERE, 5355))
        office.ctl("settings", "set", "dns.listen", f"{HERE}:5355")
        until("the problem is told", 10, lambda: any(
            each["id"] == "dns.listen" for each in office.service.get("/v1/problems")))
        problem = next(each for each in office.service.get("/v1/problems") if each["id"] == "dns.listen")
        check("5355" in problem["what"] and "python" in problem["why"], f"{problem}")
        check(office.service.get("/v1/dns/records?domain=" + NAME)["items"], "records without a listener")
    until("it listens by itself", 30, lambda: office.service.get("/v1/dns")["status"]["isOn"])
    office.ctl("settings", "set", "dns.listen", "0.0.0.0:53, [::]:53")
    until("back on its own port", 10, lambda: dig(f"sn1.{NAME}", "A") == [HERE])


def switched_off_and_removed(office):
    office.ctl("domains", "disable", NAME)
    traced(office, "--domain", NAME, wanted="DOMAIN_DISABLED")
    until("DNS refuses it", 10, lambda: rcode(f"sn1.{NAME}", "A") in ("REFUSED", "none"))
    check(office.domain()["login"] == "domain-disabled", f"{office.domain()}")
    office.ctl("domains", "enable", NAME)
    until("DNS knows it again", 10, lambda: dig(f"sn1.{NAME}", "A") == [HERE])
    text = office.ctl("domains", "remove", NAME, rc=1)
    check("0 built-in accounts" in text and "--confirm" in text, text)
    office.ctl("domains", "remove", NAME, "--confirm", "chat.other.test", rc=1)
    check(office.domain() is not None, "a wrong name removed it")
    office.ctl("domains", "remove", NAME, "--confirm", NAME)
    check(office.domain() is None, "it is gone")


def nothing_leaks(office):
    """No secret in log, database, answers or exports."""
    texts = {"log": office.service.log(), "config": json.dumps(office.service.get("/v1/config")),
             "providers": json.dumps(office.service.get("/v1/providers")), "audit": json.dumps(office.service.get("/v1/audit"))}
    for file in os.listdir(office.service.data):
        if file.startswith("causeway.db"):
            with open(os.path.join(office.service.data, file), "rb") as database:
                texts[file] = database.read().decode("latin-1")
    for place, text in texts.items():
        for secret in (BIND_SECRET, PASSWORD, "a long password", "wrong horse"):
            check(secret not in text, f"\"{secret}\" stands in {place}")


def main():
    network()
    with world.Servers() as servers:
        use_resolver(servers, "127.0.0.1")
        slapd = world.start_slapd(servers, 3389)
        office = Office(servers, sys.argv[1], sys.argv[2])
        office.service.start()
        from_nothing(office)
        to_two_green_dots(office, servers)
        for step in (resolvers_find_it, certificate_is_the_one_told, logins_follow_the_chain, login_is_traced):
            say(step.__name__)
            step(office)
        say("directory_stops")
        slapd = directory_stops(office, servers, slapd)
        say("remembered_passwords_outlast_restarts")
        remembered_passwords_outlast_restarts(office, servers, slapd)
        say("resolver_knows_nothing")
        resolver_knows_nothing(office, servers)
        for step in (certificate_change_is_told, settings_that_cannot_work, configuration_goes_along, serials_survive_restarts, other_supernodes, port_is_held, switched_off_and_removed, nothing_leaks):
            say(step.__name__)
            step(office)
    say("chat domains: all steps passed")


if __name__ == "__main__":
    main()
