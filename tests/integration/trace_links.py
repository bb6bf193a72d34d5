"""Linked services in the fault lab: a real causewayd in each of the two bases, linked by causewayctl, one fault at a time.

    trace_links.py CAUSEWAYD CAUSEWAYCTL [faults | sentences | fault name ...]

      x 10.1.0.11, w 10.1.0.12                    y 10.2.0.21, z 10.2.0.22, v 10.2.0.23
      service 10.1.0.2 (invites, is called)       service 10.2.0.2 (links, calls)
         10.1.0.1  r1  10.9.0.1 --- 10.9.0.2  r2  10.2.0.1
                   r1 --- r4 --- r3 --- r2       (only the fault "asymmetric" uses it)

Faults: each must give its verdict, with both sides measured; prints the confusion matrix; a wrong accusation fails. Sentences: what
an administrator reads for wrong, used and ended invitations, a changed certificate, a killed and an unlinked service.
"""

import contextlib
import os
import re
import signal
import socket
import ssl
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import LabError, Service, _command, check, isolate, say, until  # noqa: E402
from trace_lab import BASE_B, SETTINGS, Bases, Scene, doing, ended, off  # noqa: E402
from windows_client import WindowsHall  # noqa: E402

BASE_A = "10.1.0.0/24"
LINKED = {**SETTINGS, "bases.link_listen": "0.0.0.0:8426"}
BOTH = "Measured from both bases."


class Ring(Bases):
    """A second, longer way between the routers, which nobody takes until a fault says so."""

    def __init__(self):
        super().__init__()
        self.r3 = self._namespace("r3")
        self.r4 = self._namespace("r4")
        for router in (self.r3, self.r4):
            router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratemask=0", "net.ipv4.conf.all.rp_filter=0",
                       "net.ipv4.conf.default.rp_filter=0", "net.ipv4.conf.all.send_redirects=0")
        for (left, left_port, left_address), (right, right_port, right_address) in (
                (("r2", "to3", "10.9.1.1/30"), ("r3", "to2", "10.9.1.2/30")),
                (("r3", "to4", "10.9.2.1/30"), ("r4", "to3", "10.9.2.2/30")),
                (("r4", "to1", "10.9.3.1/30"), ("router", "to4", "10.9.3.2/30"))):
            _command("ip", "-n", left, "link", "add", left_port, "type", "veth", "peer", "name", right_port, "netns", right)
            for name, port, address in ((left, left_port, left_address), (right, right_port, right_address)):
                _command("ip", "-n", name, "addr", "add", address, "dev", port)
                _command("ip", "-n", name, "link", "set", port, "up")
        for name, network, via in (("r3", BASE_A, "10.9.2.2"), ("r4", BASE_A, "10.9.3.2"), ("r3", BASE_B, "10.9.1.1"),
                                   ("r4", BASE_B, "10.9.2.1"), ("r4", "10.9.1.0/30", "10.9.2.1"), ("router", "10.9.1.0/30", "10.9.3.1"),
                                   ("router", "10.9.2.0/30", "10.9.3.1"), ("r2", "10.9.2.0/30", "10.9.1.2"),
                                   ("r2", "10.9.3.0/30", "10.9.1.2"), ("r3", "10.9.0.0/30", "10.9.1.1")):
            _command("ip", "-n", name, "route", "add", network, "via", via)


class LinkedScene(Scene):
    def __init__(self, binary, ctl, lab, hall):
        self.ctl = ctl
        super().__init__(binary, lab, hall, LINKED)
        self.far_server = lab.far("server2", "10.2.0.2")
        self.hosts["server2"] = self.far_server
        self.far = Service(binary, self.far_server, LINKED)
        self.far.start()
        status, answer = self.far.api("POST", "/v1/bases", {"name": "Osaka", "segments": [BASE_B], "note": ""})
        check(status == 201, f"base Osaka: {answer}")
        status, answer = self.far.api("POST", "/v1/ranges", {"text": BASE_A, "isEnabled": True})
        check(status == 201, f"range: {answer}")

    def control(self, service, *words):
        """causewayctl beside that service: its first output, or the error text if it failed."""
        try:
            return service.host.run(self.ctl, "--data", service.data, *words, timeout=60).strip()
        except LabError as error:
            return "failed: " + str(error).split("causewayctl: ")[-1]

    def invitation(self):
        text = self.control(self.service, "bases", "invite", "Osaka")
        check(text.startswith("causeway-link://10.1.0.2:8426/"), f"no invitation: {text}")
        return text

    def link(self):
        told = self.control(self.far, "bases", "link", self.invitation())
        check(told.startswith("Base Tokyo: linked. "), f"not linked: {told}")
        self.linked()

    def states(self):
        return [next((link["state"] for link in service.get("/v1/bases/links")["items"]), "none") for service in (self.service, self.far)]

    def linked(self):
        until("both services are linked", 90, lambda: self.states() == ["linked", "linked"], every=0.2)

    def everybody(self):
        super().everybody()
        far = getattr(self, "far", None)
        if far is None:
            return
        addresses = {self.hosts[name].address for name in self.pcs}
        for user in far.users():
            far.api("POST", f"/v1/users/{user['id']}/probe")
        until("the far directory has everybody", 20, lambda: addresses <= far.present(), every=0.2)


@contextlib.contextmanager
def masquerade(scene):
    """Router 1 hides base A behind its own address."""
    host = scene.lab.r1
    host.run("nft", "add", "table", "ip", "hide")
    try:
        host.run("nft", "add", "chain", "ip", "hide", "c", "{ type nat hook postrouting priority 100 ; }")
        host.run("nft", "add", "rule", "ip", "hide", "c", "oifname", "wan", "ip", "saddr", BASE_A, "meta", "l4proto", "udp", "masquerade")
        yield
    finally:
        host.run("nft", "delete", "table", "ip", "hide")


@contextlib.contextmanager
def asymmetric(scene):
    """Answers of base B take the long way, where a firewall drops TCP that it did not see begin."""
    with doing(scene.lab.r2, [("ip", "route", "replace", BASE_A, "via", "10.9.1.2")], [("ip", "route", "replace", BASE_A, "via", "10.9.0.1")]):
        scene.hosts["r4"] = scene.lab.r4
        with scene.drop("r4", "forward", "tcp sport 2425 ct state invalid drop"):
            yield


def route_back(scene):
    """Router 2 knows the way to the service of base A only, not to its computers."""
    return doing(scene.lab.r2, [("ip", "route", "add", "10.1.0.2/32", "via", "10.9.0.1"), ("ip", "route", "del", BASE_A)],
                 [("ip", "route", "add", BASE_A, "via", "10.9.0.1"), ("ip", "route", "del", "10.1.0.2/32")])


# Filters name the line between the routers: a bridge may show its own frames to the hook "forward" too.
# name: (verdicts that are right, what is broken)
FAULTS = {
    "none": (("OK",), lambda scene: contextlib.nullcontext()),
    "one way, A to B": (("ONE_WAY",), lambda scene: scene.drop("r2", "forward", "iifname wan ip daddr 10.2.0.0/24 udp dport 2425 drop")),
    "one way, B to A": (("ONE_WAY",), lambda scene: scene.drop("r2", "forward", "oifname wan ip daddr 10.1.0.0/24 udp dport 2425 drop")),
    "dropped both ways at router 2": (("PATH_FILTER_UDP",), lambda scene: scene.drop(
        "r2", "forward", "iifname wan udp dport 2425 drop", "oifname wan udp dport 2425 drop")),
    "source NAT": (("NAT",), masquerade),
    "voice ports blocked": (("RTP_BLOCKED",), lambda scene: scene.drop("r2", "forward", "udp dport 22224-22227 drop")),
    "voice ports blocked, B to A": (("RTP_BLOCKED",), lambda scene: scene.drop(
        "r1", "forward", "ip daddr 10.1.0.0/24 udp dport 22224-22227 drop")),
    "route missing back": (("ROUTE_MISSING",), route_back),
    "asymmetric with state": (("ASYMMETRIC",), asymmetric),
    "UDP dropped on the PC": (("HOST_FIREWALL_UDP",), lambda scene: scene.drop("y", "input", "udp dport 2425 drop")),
    "UDP dropped on X": (("HOST_FIREWALL_UDP",), lambda scene: scene.drop("x", "input", "udp dport 2425 drop")),
    "client stopped": (("CLIENT_NOT_RUNNING",), lambda scene: ended(scene, "y")),
    "host off": (("HOST_OFF",), lambda scene: off(scene, "y")),
}


def rows_of(trace, leg):
    return [row for row in trace["rows"] if row["leg"] == leg]


def faults(scene, wanted):
    results = []
    for name in wanted:
        right, fault = FAULTS[name]
        scene.everybody()
        scene.linked()
        with fault(scene):
            start = time.monotonic()
            trace = scene.trace(scene.service)
        verdict = trace["verdicts"][0]
        is_both = BOTH in verdict["sentence"]
        results.append((name, right, verdict["code"], is_both))
        say(f"{name:32} {verdict['code']:20} {verdict['certainty']:9} {'both sides' if is_both else 'one side  '} "
            f"{time.monotonic() - start:5.1f} s  {'ok' if verdict['code'] in right else 'WANTED ' + ' or '.join(right)}")
        if verdict["code"] not in right or not is_both or os.environ.get("TRACE_ROWS"):
            say("    " + verdict["sentence"])
            for row in trace["rows"]:
                say(f"    {row['step']:12} {row['leg']:9} {row['grade']:12} {row['result']}")
        if name == "none":
            for leg in ("b-to-x", "b-to-y"):
                rows = rows_of(trace, leg)
                check(rows and all(row["by"] == "the service of base Osaka" for row in rows), f"{leg} does not say who measured")
                check(any(row["step"] == "chat-probe" and row["grade"] == "fine" for row in rows), f"{leg}: {rows}")
            check(any(row["step"] == "path-back" and row["path"] for row in rows_of(trace, "b-to-x")), "the way back has no hops")
            for leg in ("a-to-peer", "peer-to-a"):
                check([row["grade"] for row in rows_of(trace, leg)] == ["fine"] * 3, f"{leg}: {rows_of(trace, leg)}")
            check(verdict["certainty"] == "certain", "both sides fine is certain")
    exact = sum(code in right for _, right, code, _ in results)
    accused = [name for name, right, code, _ in results if code not in right and code != "NOT_ENOUGH_EVIDENCE"]
    both = sum(is_both for _, _, _, is_both in results)
    codes = sorted({code for _, _, code, _ in results})
    say("confusion matrix: " + ", ".join(f"{code} {sum(c == code and c in r for _, r, c, _ in results)}/"
                                         f"{sum(c == code for _, _, c, _ in results)}" for code in codes))
    say(f"exact {exact} of {len(results)}, from both sides {both}, wrong accusations {len(accused)}: {', '.join(accused) or 'none'}")
    check(not accused, "somebody was accused wrongly")
    check(exact == len(results), "a verdict is not exact")
    check(both == len(results), "a trace was measured from one side only")


def problems_of(service):
    answer = service.get("/v1/problems")
    return answer["items"] if isinstance(answer, dict) else answer


def told(scene, what, text, *wanted):
    say(f"{what}: {text}")
    for words in wanted:
        check(words in text, f"{what}: \"{words}\" is missing")


def sentences(scene):
    service, far = scene.service, scene.far
    until("the clocks are compared", 10, lambda: all(
        link["clockOffsetMs"] is not None and link["segments"] for each in (service, far) for link in each.get("/v1/bases/links")["items"]))
    text = scene.control(service, "bases", "list")
    told(scene, "linked, here", text, "linked", "0.1.0", "Linked with")
    check(re.search(r"[+-]?\d+ ms \(\+-\d+\)", text), "no clock offset: " + text)
    told(scene, "linked, there", scene.control(far, "bases", "list"), "linked", "Linked with")

    # Unlinked there: said here, and nothing is measured any more, in grey.
    told(scene, "unlink", scene.control(far, "bases", "unlink", "Tokyo"), "is not linked any more")
    until("the other side knows", 10, lambda: scene.states() == ["refused", "none"])
    told(scene, "unlinked over there", scene.control(service, "bases", "list"), "has taken the link away", "Unlink the base here too")
    trace = scene.trace(service, kind="quick")
    for leg in ("b-to-x", "b-to-y", "a-to-peer", "peer-to-a"):
        rows = rows_of(trace, leg)
        check(rows and all(row["grade"] == "not-measured" for row in rows), f"{leg} is not grey: {rows}")
        check("has taken the link away" in rows[0]["result"], f"no reason: {rows[0]}")
    check(trace["verdicts"][0]["code"] == "OK" and BOTH not in trace["verdicts"][0]["sentence"], f"{trace['verdicts']}")
    told(scene, "unlink here", scene.control(service, "bases", "unlink", "Osaka"), "is not linked any more")

    # Invitations.
    good = scene.invitation()
    head, fingerprint, token, end = good.rsplit("/", 3)
    wrong = ("0" if token[0] != "0" else "1") + token[1:]
    told(scene, "wrong token", scene.control(far, "bases", "link", f"{head}/{fingerprint}/{wrong}/{end}"), "does not know this invitation")
    told(scene, "ended", scene.control(far, "bases", "link", f"{head}/{fingerprint}/{token}/1000000000"), "The invitation ended at 2001-")
    told(scene, "not whole", scene.control(far, "bases", "link", good[:60]), "That is no invitation.")
    told(scene, "good", scene.control(far, "bases", "link", good), "Base Tokyo: linked.")
    scene.linked()
    told(scene, "used", scene.control(far, "bases", "link", good), "The invitation was used already, at ")
    scene.linked()
    told(scene, "links", scene.control(service, "bases", "links"), "Own certificate: ")

    # Killed.
    far.stop(signal.SIGKILL)
    until("the loss is seen", 40, lambda: scene.states_of(service) == ["not-answering"])
    told(scene, "other side killed", scene.control(service, "bases", "list"), "not-answering", "No connection since", "connects to this one")
    trace = scene.trace(service, kind="quick")
    check(all(row["grade"] == "not-measured" and "No connection since" in row["result"] for row in rows_of(trace, "b-to-y")), "not grey")

    # Changed certificate.
    for name in ("link.crt", "link.key"):
        os.remove(os.path.join(far.data, name))
    far.start()
    until("the refusal is seen", 60, lambda: scene.states_of(far) == ["refused"])
    told(scene, "changed certificate, there", scene.control(far, "bases", "list"), "does not know the certificate", "new invitation")
    check(scene.states_of(service) != ["linked"], "a changed certificate was accepted")
    problems = [each["what"] for each in problems_of(far)]
    told(scene, "problem", str(problems), "takes no part in packet traces")
    scene.link()  # anew
    told(scene, "linked anew", str(scene.states()), "linked")

    # Nobody may be asked for what is not his: no base, no link.
    told(scene, "foreign base", scene.control(service, "bases", "unlink", "Nagoya"), "There is no base")
    status, answer = service.api("GET", "/v1/audit?limit=50")
    actions = [entry["action"] for entry in answer["items"]]
    check(status == 200 and {"bases.invite", "bases.unlink"} <= set(actions), f"not audited: {actions}")
    check(token not in str(answer), "the audit log holds a token")


def strangers(scene):
    """Who has neither a pinned certificate nor an invitation gets nothing, and keeps nobody else out."""
    host = scene.hosts["z"]

    def answer_to(words, wrap=None):
        with host.network():
            plain = socket.create_connection(("10.1.0.2", 8426), timeout=10)
        plain.settimeout(15)
        try:
            talk = wrap(plain) if wrap else plain
            talk.sendall(words)
            return talk.recv(4096)
        except OSError as error:
            return type(error).__name__
        finally:
            plain.close()

    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = False
    bare.verify_mode = ssl.CERT_NONE
    check(b"causeway" not in str(answer_to(b"GET / HTTP/1.0\r\n\r\n")).encode(), "plain text was answered")
    check(isinstance(answer_to(b"\0\0\0\1\3", bare.wrap_socket), str), "a client without a certificate was answered")
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    own.check_hostname = False
    own.verify_mode = ssl.CERT_NONE
    files = [os.path.join(scene.lab.folder, name) for name in ("stranger.key", "stranger.crt")]
    _command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=stranger",
             "-keyout", files[0], "-out", files[1])
    own.load_cert_chain(files[1], files[0])
    # A hello without an invitation: the refusal, and neither name nor segments of the service.
    hello = b"\x01\0\x01\0\x01x\0\x01x\0\x00\x0a\x02\0\x16\0\0\0\0\0"
    told_him = answer_to(len(hello).to_bytes(4, "big") + hello, own.wrap_socket)
    check(b"does not know the certificate" in told_him and b"Tokyo" not in told_him, f"a stranger was told {told_him}")
    large = answer_to((1 << 20).to_bytes(4, "big") + b"x" * 100, own.wrap_socket)
    check(isinstance(large, str) or large == b"", f"a stranger's megabyte was answered: {large}")
    silent = []
    for _ in range(40):
        with host.network():
            silent.append(socket.create_connection(("10.1.0.2", 8426), timeout=10))
    scene.far.stop()
    scene.far.start()
    until("the linked service comes back past 40 silent connections", 60, lambda: scene.states() == ["linked", "linked"], every=0.2)
    for each in silent:
        each.close()
    say("strangers got nothing and kept nobody out")


def main():
    binary, ctl = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    wanted = sys.argv[3:] or ["faults", "sentences"]
    with Ring() as lab, WindowsHall() as hall:
        scene = LinkedScene(binary, ctl, lab, hall)
        scene.states_of = lambda service: [link["state"] for link in service.get("/v1/bases/links")["items"]]
        scene.link()
        say("linked: " + scene.control(scene.service, "bases", "list").replace("\n", "\n        "))
        names = [name for name in wanted if name in FAULTS] or (list(FAULTS) if "faults" in wanted else [])
        if names:
            faults(scene, names)
        if "sentences" in wanted:
            strangers(scene)
            sentences(scene)
        for service in (scene.service, scene.far):
            check(service.process.poll() is None, "a service ended")


if __name__ == "__main__":
    isolate()
    main()
