"""The chat DNS server against dig, kdig and drill, a real secondary (Knot) and a real resolver (unbound).

    dns_tools.py DNS_ANSWERER
"""

import base64
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Lab, check, isolate, say, until  # noqa: E402

DOMAIN = "chat.example.com"
SERVER = "192.168.71.53"
SERVER6 = "fd71::53"
SECOND_ADDRESS = "192.168.71.54"
SECONDARY = "192.168.71.60"
RESOLVER = "192.168.71.61"
OUTSIDE = "203.0.113.9"
KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
ZONE = f"""domain {DOMAIN} both
contact net.admin@example.com
caa letsencrypt.org
nameserver ns1 {SERVER},{SERVER6} 203.0.113.53
supernode sn1 192.168.71.5,fd71::5 203.0.113.5 5222 5223 5269 5270 5443
supernode sn2 192.168.72.5 - 5222 5223
digest sn1 {'11' * 32}
secondary {SECONDARY}:53 transfer.example lan
extra files CNAME sn1
extra big TXT "{'x' * 200}" "{'y' * 200}" "{'z' * 200}"
extra huge TXT {' '.join('"' + chr(97 + i) * 250 + '"' for i in range(8))}
extra odd TYPE4711 \\# 4 0a0b0c0d
extra service HTTPS 1 sn1 alpn="h2,h3" ipv6hint=fd71::5
extra @ MX 10 mail.example.net.
domain two.example.com lan
nameserver ns1 {SERVER} -
supernode a 192.168.71.5 -"""


class Answerer:
    """The server under test, driven by its commands."""

    def __init__(self, host, binary, *arguments):
        self.errors = tempfile.TemporaryFile(mode="w+", encoding="utf-8")
        self.process = host.popen(binary, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        check(line.startswith("listening "), f"the server did not start: {self.log()}")

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        check(not answer.startswith("error"), f"{command}: {answer}")
        check(answer, f"the server ended: {self.log()}")
        return answer

    def serve(self, zone):
        for line in zone.splitlines():
            self.say(line)
        return int(self.say("commit").split()[1])


def attempt(host, *words):
    """Both outputs of a command that may fail."""
    done = subprocess.run(host.words(*words), capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def lines(text):
    return sorted(line.strip() for line in text.splitlines() if line and not line.startswith(";"))


def fields(text):
    """Records of a zone file as sorted (name, ttl, type, data)."""
    rows = set()
    for line in lines(text):
        words = line.split(None, 4)
        if words[1] == "IN":
            words[1], words[2] = words[2], words[1]
        rows.add((words[0].lower(), words[1], words[3], re.sub(r"\s+", " ", words[4])))
    return rows


def common_answers(client, outsider):
    """The three tools agree about every question, and say what is expected."""
    questions = [(f"_xmpp-client._tcp.{DOMAIN}", "SRV"), (f"_xmpps-client._tcp.{DOMAIN}", "SRV"), (DOMAIN, "A"),
                 (f"sn1.{DOMAIN}", "AAAA"), (DOMAIN, "NS"), (DOMAIN, "SOA"), (f"_xmppconnect.{DOMAIN}", "TXT"),
                 (DOMAIN, "MX"), (f"files.{DOMAIN}", "A"), (f"_5222._tcp.sn1.{DOMAIN}", "TLSA"), (DOMAIN, "CAA"),
                 (f"_xmpp-server._tcp.{DOMAIN}", "SRV"), (f"big.{DOMAIN}", "TXT"), ("a.two.example.com", "A")]
    for name, kind in questions:
        dig = lines(client.run("dig", f"@{SERVER}", name, kind, "+short", "+norecurse"))
        kdig = lines(client.run("kdig", f"@{SERVER}", name, kind, "+short"))
        check(dig, f"dig {name} {kind} shows nothing")
        if kind != "TLSA":  # the two break the digest at different places
            check(dig == kdig, f"{name} {kind}: dig says {dig}, kdig {kdig}")
        drill = client.run("drill", f"@{SERVER}", name, kind)
        check("rcode: NOERROR" in drill and "aa" in drill.split("flags:")[1].split(";")[0], f"drill {name} {kind}:\n{drill}")
    srv = lines(client.run("kdig", f"@{SERVER}", f"_xmpp-client._tcp.{DOMAIN}", "SRV", "+short"))
    check(srv == [f"10 10 5222 sn1.{DOMAIN}.", f"10 10 5222 sn2.{DOMAIN}."], f"SRV is {srv}")
    https = client.run("kdig", f"@{SERVER}", DOMAIN, "HTTPS", "+short").strip()
    check(f"11 sn1.{DOMAIN}. port=5443" in https, f"HTTPS is {https}")
    https = client.run("dig", f"@{SERVER}", f"service.{DOMAIN}", "HTTPS", "+short").strip()
    check(https == f'1 sn1.{DOMAIN}. alpn="h2,h3" ipv6hint=fd71::5', f"HTTPS is {https}")
    seen = lines(outsider.run("dig", f"@{SERVER}", f"_xmpp-client._tcp.{DOMAIN}", "SRV", "+short"))
    check(seen == [f"10 10 5222 sn1.{DOMAIN}."], f"from outside SRV is {seen}")
    seen = lines(outsider.run("dig", f"@{SERVER}", f"sn1.{DOMAIN}", "A", "+short"))
    check(seen == ["203.0.113.5"], f"from outside sn1 is {seen}")
    refused = outsider.run("dig", f"@{SERVER}", "a.two.example.com", "A")
    check("status: REFUSED" in refused, f"a LAN domain was shown outside:\n{refused}")
    say("  dig, kdig and drill agree; LAN and Internet see their own addresses")


def rules(client):
    """What is asked wrongly or beyond our domains, and the transport rules."""
    def dig(*words):
        return client.run("dig", f"@{SERVER}", *words)

    def has(text, *wanted):
        for each in wanted:
            check(each in text, f"\"{each}\" is missing in:\n{text}")

    has(dig(f"nobody.{DOMAIN}", "A"), "status: NXDOMAIN", "AUTHORITY: 1", "SOA")
    has(dig(f"sn1.{DOMAIN}", "MX"), "status: NOERROR", "ANSWER: 0", "AUTHORITY: 1", "60\tIN\tSOA")
    has(dig(f"_tcp.{DOMAIN}", "A"), "status: NOERROR", "ANSWER: 0")
    has(dig("example.org", "A"), "status: REFUSED")
    has(dig("version.bind", "TXT", "CH"), "status: REFUSED")
    has(dig(DOMAIN, "A", "+edns=1", "+noednsnegotiation"), "status: BADVERS")
    has(dig(DOMAIN, "A", "+opcode=status"), "status: NOTIMP")
    has(dig(DOMAIN, "ANY", "+notcp"), "status: NOERROR", "ANSWER: 2")
    has(dig(f"huge.{DOMAIN}", "TXT", "+notcp", "+ignore"), "flags: qr aa tc", "ANSWER: 0")
    has(dig(f"huge.{DOMAIN}", "TXT"), "ANSWER: 1", "(TCP)")
    has(dig(f"big.{DOMAIN}", "TXT", "+noedns", "+ignore"), "flags: qr aa tc")
    has(dig(f"big.{DOMAIN}", "TXT", "+bufsize=1232"), "ANSWER: 1", "(UDP)")
    has(dig(f"odd.{DOMAIN}", "TYPE4711"), "\\# 4 0A0B0C0D")
    has(dig(DOMAIN, "AXFR"), "Transfer failed")
    has(client.run("dig", f"@{SERVER6}", DOMAIN, "A"), "status: NOERROR")
    cookie = re.search(r"COOKIE: ([0-9a-f]{48}) \(good\)", dig(DOMAIN, "A", "+cookie=0123456789abcdef"))
    check(cookie, "there is no good cookie")
    has(dig(DOMAIN, "A", f"+cookie={cookie.group(1)}"), "(good)", "status: NOERROR")
    # The asked address answers, not another one of the machine.
    has(client.run("dig", f"@{SECOND_ADDRESS}", DOMAIN, "A"), "status: NOERROR")
    piped = client.run("kdig", f"@{SERVER}", "+tcp", "+keepopen", f"sn1.{DOMAIN}", "A", f"sn2.{DOMAIN}", "A", DOMAIN, "SOA")
    check(piped.count("status: NOERROR") == 3, f"three queries on one connection:\n{piped}")
    say("  negative answers, REFUSED, BADVERS, NOTIMP, TC, cookies and TCP are as they must be")


def question(name, kind):
    wire = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">6H", 77, 0x0100, 1, 0, 0, 0) + wire + b"\0" + struct.pack(">2H", kind, 1)


def tcp(client, answerer):
    """Pipelined queries in one segment come back in order; a silent connection ends."""
    with client.network():
        with socket.create_connection((SERVER, 53), timeout=10) as link:
            names = [f"sn1.{DOMAIN}", f"nobody.{DOMAIN}", f"huge.{DOMAIN}", "example.org"] * 50
            link.sendall(b"".join(struct.pack(">H", len(q)) + q for q in (question(n, 16) for n in names)))
            received = b""
            rcodes = []
            while len(rcodes) < len(names):
                part = link.recv(65536)
                check(part, "the server closed the connection")
                received += part
                while len(received) >= 2 and len(received) >= 2 + struct.unpack(">H", received[:2])[0]:
                    size = struct.unpack(">H", received[:2])[0]
                    rcodes.append(received[5] & 15)
                    received = received[2 + size:]
            check(rcodes == [0, 3, 0, 5] * 50, f"the answers came in another order: {rcodes[:12]}")

        def connections():
            return int(answerer.say("status").split()[11])

        until("earlier connections are gone", 30, lambda: connections() == 0)
        links = [socket.create_connection((SERVER, 53), timeout=10) for _ in range(40)]
        until("connections over the limit of one address are closed", 10,
              lambda: connections() == 32)
        silent = links[0]
        silent.settimeout(30)
        start = time.monotonic()
        check(silent.recv(1) == b"" and time.monotonic() - start < 25, "a silent connection stays open")
        for link in links:
            link.close()
    say("  TCP: 200 pipelined queries in order, at most 32 connections of one address, silence ends")


def garbage(client):
    """Malformed queries neither crash it nor make it send much."""
    dice = random.Random(4711)
    good = question(f"sn1.{DOMAIN}", 1)
    sent = received = 0
    with client.network():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.connect((SERVER, 53))
            link.setblocking(False)
            for index in range(20000):
                query = bytearray(good)
                for _ in range(dice.randrange(1, 6)):
                    query[dice.randrange(len(query))] = dice.randrange(256)
                query = query[:dice.randrange(len(query) + 1)] if index % 2 else query + dice.randbytes(dice.randrange(40))
                try:
                    link.send(query)
                    sent += len(query)
                except BlockingIOError:
                    pass
                try:
                    while True:
                        received += len(link.recv(4096))
                except BlockingIOError:
                    pass
    check(received <= sent, f"{sent} bytes of garbage were answered with {received}")
    check("NOERROR" in client.run("kdig", f"@{SERVER}", f"sn1.{DOMAIN}", "A"), "it does not answer any more")
    say(f"  20,000 malformed queries: {sent} bytes in, {received} bytes out, and it still answers")


def rate_limit(lab, host, binary):
    """A flood from one network gets little; who comes back with a cookie or by TCP is served."""
    other = Answerer(host, binary, "--listen", f"{SERVER}:5300", "--rate", "50", "--workers", "2")
    other.serve(ZONE)
    client = lab.hosts["client"]
    query = question(f"_xmpp-client._tcp.{DOMAIN}", 33)
    with client.network():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.connect((SERVER, 5300))
            link.setblocking(False)
            big = small = count = 0
            while count < 3000:
                try:
                    link.send(query)
                    count += 1
                except BlockingIOError:
                    pass
                try:
                    while True:
                        size = len(link.recv(4096))
                        big, small = (big + 1, small) if size > len(query) else (big, small + 1)
                except BlockingIOError:
                    pass
            until("the server has seen all", 10, lambda: int(other.say("status").split()[1]) >= count)
    limited = int(other.say("status").split()[9])
    check(limited > 2000, f"only {limited} of {count} queries were held")
    check(big < 1000, f"{big} whole answers in a flood")
    check("NOERROR" in client.run("kdig", f"@{SERVER}", "-p", "5300", "+tcp", DOMAIN, "A"), "TCP is held too")
    # dig learns the cookie from the first answer, also from one that was cut.
    text = client.run("kdig", f"@{SERVER}", "-p", "5300", "+cookie", "+retry=5", "+timeout=1", f"sn1.{DOMAIN}", "A")
    check("NOERROR" in text, f"with a cookie:\n{text}")
    other.process.stdin.close()
    check(other.process.wait(10) == 0, "it did not end by itself")
    say(f"  rate limit: {count} queries, {limited} held, {big} whole and {small} cut answers; TCP is served")


def secondary(lab, server, answerer, client):
    """A real Knot takes the zone by NOTIFY and AXFR with TSIG, keeps it current, and shows what we show."""
    host = lab.hosts["secondary"]
    folder = lab.temporary("knot")
    os.makedirs(folder + "/run")
    with open(folder + "/knot.conf", "w", encoding="utf-8") as file:
        file.write(f"""server:
  rundir: "{folder}/run"
  listen: {SECONDARY}@53
  user: root:root
log:
  - target: "{folder}/knot.log"
    any: debug
database:
  storage: "{folder}"
key:
  - id: transfer.example
    algorithm: hmac-sha256
    secret: {KEY}
remote:
  - id: ours
    address: {SERVER}@53
    key: transfer.example
acl:
  - id: notice
    address: {SERVER}
    key: transfer.example
    action: notify
zone:
  - domain: {DOMAIN}
    storage: "{folder}"
    file: zone
    zonefile-sync: 0
    master: ours
    acl: notice
""")
    host.popen("knotd", "-c", folder + "/knot.conf", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def log():
        with open(folder + "/knot.log", encoding="utf-8") as file:
            return file.read()

    def serial_there():
        found = attempt(host, "kdig", f"@{SECONDARY}", DOMAIN, "SOA", "+short", "+timeout=1", "+retry=0").split()
        return int(found[2]) if len(found) > 2 and found[2].isdigit() else 0

    serial = int(client.run("kdig", f"@{SERVER}", DOMAIN, "SOA", "+short").split()[2])
    until("Knot has the zone", 30, lambda: serial_there() == serial)

    def same():
        ours = fields(host.run("kdig", f"@{SERVER}", DOMAIN, "AXFR", "-y", f"hmac-sha256:transfer.example:{KEY}",
                               "+noall", "+answer"))
        until("Knot wrote its file", 10, lambda: os.path.exists(folder + "/zone"))

        def theirs():
            return fields(host.run("kdig", f"@{SECONDARY}", DOMAIN, "SOA", "+noall", "+answer"))

        check(theirs() <= ours, "the SOA differs")
        for name, _, kind, _ in ours:
            here = set(lines(host.run("kdig", f"@{SERVER}", name, kind, "+short")))
            there = set(lines(host.run("kdig", f"@{SECONDARY}", name, kind, "+short")))
            check(here == there, f"{name} {kind}: ours {here}, Knot's {there}")
        return ours

    ours = same()
    say(f"  Knot took {len(ours)} records by AXFR with TSIG; every one is the same there")

    changed = time.monotonic()
    answerer.say("live sn2 off")
    serial = int(answerer.say("commit").split()[1])
    until("Knot follows a change", 30, lambda: serial_there() == serial)
    say(f"  a change was there {time.monotonic() - changed:.2f} s after it was made")
    check("IXFR, incoming" in log() and "AXFR-style" not in log().split("IXFR, incoming")[-1][:200],
          f"the change was not taken by IXFR:\n{log()[-1500:]}")
    fewer = same()
    check(len(fewer) < len(ours), "the withdrawn supernode is still there")
    until("NOTIFY is acknowledged", 10, lambda: " acknowledged " in answerer.say("secondaries"))
    check(f"taken {serial}" in answerer.say("secondaries"), answerer.say("secondaries"))
    answerer.say("live sn2 on")
    serial = int(answerer.say("commit").split()[1])
    until("Knot follows again", 30, lambda: serial_there() == serial)
    same()
    say("  NOTIFY is acknowledged, changes come by IXFR")

    zone = lab.temporary("zone") + "/ours.zone"
    with open(zone, "w", encoding="utf-8") as file:
        text = host.run("kdig", f"@{SERVER}", DOMAIN, "AXFR", "-y", f"hmac-sha256:transfer.example:{KEY}",
                        "+noall", "+answer")
        file.write("\n".join(dict.fromkeys(text.splitlines())) + "\n")  # the SOA comes twice
    done = subprocess.run(["kzonecheck", "-o", DOMAIN, zone], capture_output=True, text=True, check=False)
    check(done.returncode == 0 and not done.stderr.strip(), f"kzonecheck: {done.stdout}{done.stderr}")
    say("  kzonecheck finds nothing")

    wrong = base64.b64encode(b"another secret of the same length").decode()
    text = attempt(host, "kdig", f"@{SERVER}", DOMAIN, "AXFR", "-y", f"hmac-sha256:transfer.example:{wrong}")
    check("BADSIG" in text, f"a wrong key:\n{text}")
    text = attempt(host, "kdig", f"@{SERVER}", DOMAIN, "AXFR")
    check("REFUSED" in text, f"without a key:\n{text}")


def resolver(lab, answerer, client):
    """unbound with a stub zone resolves; the live check sees what it sees."""
    host = lab.hosts["resolver"]
    folder = lab.temporary("unbound")
    with open(folder + "/unbound.conf", "w", encoding="utf-8") as file:
        file.write(f"""server:
  directory: "{folder}"
  pidfile: "{folder}/pid"
  chroot: ""
  username: ""
  use-syslog: no
  interface: {RESOLVER}
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  module-config: "iterator"
  trust-anchor-file: ""
remote-control:
  control-enable: no
stub-zone:
  name: "{DOMAIN}"
  stub-addr: {SERVER}
""")
    host.popen("unbound", "-d", "-c", folder + "/unbound.conf", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(*words):
        return attempt(client, "dig", f"@{RESOLVER}", *words, "+short", "+timeout=2", "+tries=1")

    until("unbound resolves SRV", 20, lambda: f"5222 sn1.{DOMAIN}." in ask(f"_xmpp-client._tcp.{DOMAIN}", "SRV"))
    check(lines(ask(f"files.{DOMAIN}", "A")) == sorted(["192.168.71.5", f"sn1.{DOMAIN}."]), ask(f"files.{DOMAIN}", "A"))
    check(len(ask(f"huge.{DOMAIN}", "TXT")) > 2000, "the long text did not come through")
    checked = answerer.say(f"check {DOMAIN} lan {RESOLVER}")
    rows = [row for row in checked.split("; ") if row.startswith(RESOLVER)]
    check(len(rows) > 20 and all(" right " in row for row in rows), f"the live check says {checked}")
    # A supernode goes: the resolver still has the old answer in its memory.
    answerer.say("live sn2 off")
    answerer.say("commit")
    checked = answerer.say(f"check {DOMAIN} lan {RESOLVER} {SECONDARY} 192.168.71.99")
    check(f"{RESOLVER} unwanted _xmpp-client._tcp.{DOMAIN} SRV" in checked, f"stale data were not seen: {checked}")
    check("this server unwanted" not in checked and "192.168.71.99 no-answer" in checked, checked)
    answerer.say("live sn2 on")
    answerer.say("commit")
    say("  unbound resolves SRV through a stub zone; the live check sees its old answers, and a dead resolver")

    # The text that we generate for unbound is good for unbound.
    with open(folder + "/local.conf", "w", encoding="utf-8") as file:
        file.write(bytes.fromhex(answerer.say(f"records {DOMAIN} lan unbound")).decode())
    done = subprocess.run(["unbound-checkconf", folder + "/local.conf"], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"unbound-checkconf: {done.stdout}{done.stderr}")
    zone = folder + "/bind.zone"
    with open(zone, "w", encoding="utf-8") as file:
        file.write(f"$ORIGIN {DOMAIN}.\n@ 300 IN SOA ns1 hostmaster 1 2 3 4 5\n@ 300 IN NS ns1\n")
        file.write(bytes.fromhex(answerer.say(f"records {DOMAIN} lan bind")).decode())
    done = subprocess.run(["kzonecheck", "-o", DOMAIN, zone], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"kzonecheck of the BIND text: {done.stdout}{done.stderr}")
    say("  the texts for unbound and BIND pass unbound-checkconf and kzonecheck")


def main():
    binary = os.path.abspath(sys.argv[1])
    with Lab(segments=("192.168.71.0/24", "203.0.113.0/24")) as lab:
        server = lab.host("server", SERVER)
        lab.more_addresses(server, [SECOND_ADDRESS])
        client = lab.host("client", "192.168.71.20")
        outsider = lab.host("outsider", OUTSIDE)
        lab.host("secondary", SECONDARY)
        lab.host("resolver", RESOLVER)
        for host, address in ((server, SERVER6), (client, "fd71::20")):
            host.run("ip", "addr", "add", address + "/64", "dev", "e0", "nodad")
        answerer = Answerer(server, binary, "--listen", "0.0.0.0:53", "--listen", "[::]:53", "--workers", "2",
                            "--key", "transfer.example:" + KEY)
        try:
            answerer.serve(ZONE)
            until("IPv6 reaches", 10,
                  lambda: "NOERROR" in attempt(client, "dig", f"@{SERVER6}", DOMAIN, "+timeout=1", "+tries=1"))
            common_answers(client, outsider)
            rules(client)
            garbage(client)
            secondary(lab, server, answerer, client)
            resolver(lab, answerer, client)
            rate_limit(lab, server, binary)
            tcp(client, answerer)
            say("  " + answerer.say("status"))
            answerer.process.stdin.close()
            check(answerer.process.wait(10) == 0, f"it ended with {answerer.process.returncode}: {answerer.log()[-2000:]}")
        except BaseException:
            say("---- last lines of the server\n" + answerer.log()[-3000:])
            raise
    say("passed")


if __name__ == "__main__":
    isolate()
    main()
