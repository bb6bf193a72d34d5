"""The door of the supernode against openssl: StartTLS and direct TLS, two domains, certificates by hand, silent clients.

    xmpp_door.py DOOR_PROBE
"""

import base64
import hashlib
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import check, isolate, say, until  # noqa: E402

FIRST = "chat.example.com"
SECOND = "two.example.com"
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "version='1.0' to='{}'>")


def openssl(*words, feed=""):
    done = subprocess.run(["openssl", *words], input=feed, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stdout + done.stderr


def make_certificate(folder, name, authority, domain, days):
    """NAME.crt (with its chain) and NAME.key, signed by the authority."""
    key, request, certificate = (os.path.join(folder, name + ending) for ending in (".key", ".csr", ".crt"))
    names = os.path.join(folder, name + ".names")
    with open(names, "w", encoding="utf-8") as out:
        out.write(f"subjectAltName=DNS:{domain}\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", key, "-out", request)
    code, text = openssl("x509", "-req", "-in", request, "-CA", authority + ".crt", "-CAkey", authority + ".key",
                         "-CAcreateserial", "-days", str(days), "-extfile", names, "-out", certificate)
    check(code == 0, text)
    return certificate, key


def sha256_of(certificate):
    return openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256")[1].split("=")[1].strip().replace(
        ":", "").lower()


def tlsa_of(certificate):
    """The data of TLSA 3 1 1."""
    public = openssl("x509", "-in", certificate, "-noout", "-pubkey")[1]
    return hashlib.sha256(base64.b64decode("".join(public.strip().splitlines()[1:-1]))).hexdigest()


class Probe:
    def __init__(self, *words):
        self.errors = tempfile.TemporaryFile(mode="w+", encoding="utf-8")
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        words = self.process.stdout.readline().split()
        check(len(words) == 8, f"the probe did not start: {self.log()}")
        self.ports = {words[i]: int(words[i + 1]) for i in range(0, 8, 2)}

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        check(answer and not answer.startswith("error"), f"{command}: {answer} {self.log()}")
        return answer

    def status(self):
        words = self.say("status").split()
        return {words[i]: int(words[i + 1]) for i in range(0, len(words), 2)}

    def end(self):
        self.process.stdin.close()
        check(self.process.wait(timeout=20) == 0, f"the probe did not end well: {self.log()}")


def client(probe, kind, domain, *more, address="127.0.0.1"):
    """openssl s_client, with a stream header behind TLS; gives its whole output."""
    port = probe.ports[kind + ("6" if ":" in address else "")]
    where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    words = ["s_client", "-connect", where, "-servername", domain, "-ign_eof", *more]
    if kind == "starttls":
        words += ["-starttls", "xmpp", "-xmpphost", domain]
    return openssl(*words, feed=HEADER.format(domain))


def test_certificates(probe, authority):
    check(all(probe.ports.values()), f"a port is missing: {probe.ports} {probe.log()}")
    for kind in ("starttls", "direct"):
        for address in ("127.0.0.1", "::1"):
            code, text = client(probe, kind, FIRST, "-CAfile", authority + ".crt", "-verify_return_error",
                                "-verify_hostname", FIRST, address=address)
            check("Verify return code: 0 (ok)" in text, f"{kind} {address}: {code} {text}")
            check("<undefined-condition " in text and "Logins are not available in this version yet." in text, text)
    code, text = client(probe, "direct", SECOND, "-alpn", "xmpp-client")
    check("ALPN protocol: xmpp-client" in text, text)
    check(f"CN = {SECOND}" in text and "self-signed certificate" in text, text)
    check("<remote-connection-failed " in text, text)
    code, text = client(probe, "direct", "other.example.com")
    check(code != 0 and re.search("unrecognized.name", text), text)
    code, text = openssl("s_client", "-connect", f"127.0.0.1:{probe.ports['direct']}", "-noservername", feed="x")
    check("CN = first" in text, text)
    code, text = client(probe, "direct", FIRST, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    check(code != 0, "TLS 1.1 was taken")
    say("StartTLS and direct TLS by IPv4 and IPv6, SNI of two domains, ALPN, unknown name")


def test_made_certificate(probe):
    port = probe.ports["direct"]
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    check("BEGIN CERTIFICATE" in pem, pem)
    code, text = client(probe, "direct", SECOND, "-showcerts")
    certificate = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S).group(0)
    code, text = openssl("x509", "-noout", "-text", feed=certificate)
    for part in (f"DNS:{SECOND}", "prime256v1", "CA:FALSE", "TLS Web Server Authentication"):
        check(part in text, f"{part} is missing: {text}")
    say("the self-signed certificate is as other software wants it")


def test_renewal(probe, folder, authority):
    before = probe.say("look")
    certificate, key = make_certificate(folder, "renewed", authority, FIRST, 90)
    os.replace(certificate, os.path.join(folder, "first.crt"))
    check("key-does-not-match" in probe.say("look"), "the key of before was taken for the new certificate")
    check("CN = first" in client(probe, "direct", FIRST)[1], "the certificate of before is not served any more")
    os.replace(key, os.path.join(folder, "first.key"))
    after = probe.say("look")
    check(" none " in after.split(";")[0] and after != before, after)
    check("CN = renewed" in client(probe, "starttls", FIRST)[1], "the renewed certificate is not served")
    say("a renewed certificate is served, half a renewal leaves the old one in place")


def test_check_files(probe, folder, authority):
    wrong = make_certificate(folder, "wrong", authority, "sn1." + FIRST, 90)
    soon = make_certificate(folder, "soon", authority, FIRST, 3)
    for words, trouble in ((("/nowhere/x.pem", "/nowhere/y.pem"), "file-missing"), (wrong, "wrong-name"),
                           ((soon[0], wrong[1]), "key-does-not-match"), (soon, "ends-very-soon"),
                           ((wrong[1], wrong[1]), "not-a-certificate")):
        answer = probe.say(f"check {FIRST} {words[0]} {words[1]}")
        check(f" {trouble} " in answer, answer)
    answer = probe.say(f"check {FIRST} {soon[0]} {soon[1]}")
    check(f" {sha256_of(soon[0])} {tlsa_of(soon[0])} " in answer, f"other fingerprints than openssl's: {answer}")
    say("files are judged before they are used")


def test_hostile(probe):
    def plain(kind):
        link = socket.create_connection(("127.0.0.1", probe.ports[kind]), timeout=40)
        return link

    with plain("starttls") as link:
        link.sendall(b"GET / HTTP/1.1\r\n\r\n")
        check(b"<not-well-formed " in link.recv(4096), "garbage was not refused")
    with plain("starttls") as link:
        link.sendall(HEADER.format("other.example.com").encode())
        check(b"<host-unknown " in link.recv(4096), "an unknown domain was not refused")
    idle = [plain("starttls" if i % 2 else "direct") for i in range(200)]
    slow = plain("starttls")
    begin = time.monotonic()
    took = None
    for letter in HEADER.format(FIRST):
        try:
            slow.sendall(letter.encode())
            slow.settimeout(0.5)
            if b"connection-timeout" in slow.recv(4096):
                took = time.monotonic() - begin
                break
        except TimeoutError:
            continue
    check(took is not None, "a client that sends a byte now and then was never closed")
    until("silent connections are closed", 30, lambda: probe.status()["open"] <= 1)
    for link in idle:
        link.close()
    slow.close()
    until("nothing is open any more", 10, lambda: probe.status()["open"] == 0)
    say(f"200 silent connections and a slow one were closed, the slow one after {took:.1f} s; {probe.status()}")


def test_without_ip6(binary, folder):
    """A computer whose IPv6 is turned off, in a network namespace that ends with the process."""
    script = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set lo up; exec \"$@\""
    probe = Probe("unshare", "--net", "sh", "-c", script, "sh", binary, "--any", folder, f"{SECOND}=self")
    status = probe.status()
    check(status["problems"] == 0 and probe.ports["starttls"] and probe.ports["direct"], f"{status} {probe.log()}")
    probe.end()
    say("where IPv6 is turned off the door serves IPv4 and complains about nothing")


def main():
    binary = os.path.abspath(sys.argv[1])
    isolate()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
    with tempfile.TemporaryDirectory() as folder:
        authority = os.path.join(folder, "authority")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=Example authority", "-keyout", authority + ".key", "-out", authority + ".crt")
        certificate, key = make_certificate(folder, "first", authority, FIRST, 90)
        probe = Probe(binary, folder, f"{FIRST}={certificate}:{key}=open", f"{SECOND}=self=directory")
        test_certificates(probe, authority)
        test_made_certificate(probe)
        check(probe.say(f"prove {SECOND}").startswith("fine"), probe.say(f"prove {SECOND}"))
        test_renewal(probe, folder, authority)
        test_check_files(probe, folder, authority)
        kept = probe.say("look").split(";")[1]
        test_hostile(probe)
        probe.end()
        again = Probe(binary, folder, f"{FIRST}=self", f"{SECOND}=self=directory")
        check(again.say("look").split(";")[1] == kept, "the self-signed certificate is another one after a restart")
        again.end()
        test_without_ip6(binary, folder)
        say("the self-signed certificate is the same after a restart")


if __name__ == "__main__":
    main()
