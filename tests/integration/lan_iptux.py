"""Real iptux clients of two segments and the real service.

    lan_iptux.py PART [CAUSEWAYD]

    lab             no service: neighbours see each other, nobody sees across the router, a configured scan does
    two-networks    the service sits in both segments and introduces everybody to everybody
    remote-range    the service sits in the first segment only and knows the second one as a remote range
    scan            introductions are off, the clients themselves scan the other segment and the service
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Iptux, Lab, Service, check, isolate, say, stays, until  # noqa: E402

A1, A2, B1, B2 = "192.168.71.11", "192.168.71.12", "192.168.72.21", "192.168.72.22"
SERVER_A, SERVER_B = "192.168.71.2", "192.168.72.2"
EVERYBODY = {A1, A2, B1, B2}
# A dead client is noticed soon, so that the test is short: asked every 2 s, gone after 6 s without an answer.
QUICK = {"lan.probe_interval": "2", "lan.gone_after": "6"}
NO_OTHER_PORTS = {"admin.listen": "127.0.0.1:0"}


class Office:
    """Alice and Bob in the first segment, Xena and Yuki in the second one."""

    def __init__(self, lab, scan_of=lambda address: ()):
        self.clients = {}
        for nick, address in (("Alice", A1), ("Bob", A2), ("Xena", B1), ("Yuki", B2)):
            self.clients[address] = Iptux(lab.host(nick.lower(), address), nick, scan=scan_of(address))
        for client in self.clients.values():
            until(f"{client.nick} shows her window", 40, client.is_visible)

    def __getitem__(self, address):
        return self.clients[address]

    def others(self, address):
        return EVERYBODY - {address}

    def is_complete(self):
        return all(self.others(address) <= client.sees() for address, client in self.clients.items())

    def neighbours_only(self):
        return all({a for a in client.sees() if a in EVERYBODY} == self.same_segment(address)
                   for address, client in self.clients.items())

    def same_segment(self, address):
        return {other for other in self.others(address) if other.rsplit(".", 1)[0] == address.rsplit(".", 1)[0]}

    def wait_complete(self, what, seconds):
        try:
            took = until(what, seconds, self.is_complete)
        except AssertionError as error:
            rows = {client.nick: sorted(client.sees()) for client in self.clients.values()}
            raise AssertionError(f"{error}; they see {rows}") from error
        say(f"  {what}: {took:.2f} s")
        return took

    def refresh(self, address):
        """Presses Refresh and waits until the client has really announced itself again."""
        client = self.clients[address]
        before = client._text("out.log").count("send udp message to 255.255.255.255")
        client.refresh()
        until(f"{client.nick} broadcasts after the refresh", 5,
              lambda: client._text("out.log").count("send udp message to 255.255.255.255") > before)


def with_log(service, function):
    try:
        function()
    except BaseException:
        say("---- last lines of the service\n" + "\n".join(service.log().splitlines()[-60:]))
        raise


def gone_and_back(office, victim, watchers, gone_within, back_within):
    """SIGKILL takes a client away without a word; it must vanish from the other lists and come back after a restart."""
    client = office[victim]
    client.kill()
    took = until(f"{client.nick} vanished from {len(watchers)} lists", gone_within,
                 lambda: all(victim not in office[w].sees() for w in watchers))
    say(f"  {client.nick} was killed and vanished from the lists of the other segment: {took:.2f} s")
    client.start()
    until(f"{client.nick} shows her window again", 40, client.is_visible)
    took = until(f"{client.nick} is back", back_within,
                 lambda: all(victim in office[w].sees() for w in watchers) and office.others(victim) <= client.sees())
    say(f"  {client.nick} was restarted; all lists are complete again: {took:.2f} s")


def lab_only():
    with Lab() as lab:
        office = Office(lab)
        took = until("neighbours see each other", 5, office.neighbours_only)
        say(f"  neighbours see each other: {took:.2f} s")
        stays("nobody sees across the router", 3, office.neighbours_only)
        office.refresh(A1)
        until("neighbours see each other after a refresh", 5, office.neighbours_only)
        office[A2].quit()
        until("Bob said goodbye", 5, lambda: A2 not in office[A1].sees())
        # The router does pass unicast: a client that is told where to look finds the other segment.
        scout = Iptux(lab.host("scout", "192.168.71.13"), "Scout", scan=[("192.168.72.20", "192.168.72.23")])
        until("the scout shows his window", 40, scout.is_visible)
        until("the scout found both of the other segment", 5, lambda: {B1, B2} <= scout.sees())
        until("and they see the scout", 5, lambda: "192.168.71.13" in office[B1].sees() & office[B2].sees())
        # A killed client says nothing: this is what the service has to find out by itself.
        office[B2].kill()
        stays("a killed client stays in the lists when nobody watches", 2, lambda: B2 in office[B1].sees())


def two_networks(binary):
    with Lab() as lab:
        server = lab.host("server", SERVER_A, SERVER_B)
        office = Office(lab)
        until("neighbours see each other", 5, office.neighbours_only)
        stays("nobody sees across the router without the service", 2, office.neighbours_only)
        service = Service(binary, server, {**NO_OTHER_PORTS, **QUICK, "lan.introductions": "true"})

        def run():
            ready = service.start()
            say(f"  the service is ready: {ready:.2f} s")
            office.wait_complete("everybody sees everybody after the start of the service", 6 - ready)
            check(service.get("/v1/status")["lan"]["canIntroduce"], "the service says that it cannot introduce")
            until("the directory has all four as present", 5, lambda: service.present() == EVERYBODY)
            stays("the service shows itself once to each client", 1, lambda: all(
                len(client.sees() & {SERVER_A, SERVER_B}) <= 1 for client in office.clients.values()))
            for address in (A1, B2):
                office.refresh(address)
                office.wait_complete(f"after a refresh of {office[address].nick}", 8)
            gone_and_back(office, B2, (A1, A2), 6 + 2 + 4, 8)
            until("the directory has all four again", 5, lambda: service.present() == EVERYBODY)
            office[A2].quit()
            took = until("Bob left properly", 5, lambda: A2 not in office[B1].sees() | office[B2].sees())
            say(f"  Bob left properly and vanished in the other segment: {took:.2f} s")
            took, code = service.stop()
            check(code == 0, f"the service ended with {code}")
            say(f"  the service stopped: {took:.2f} s")

        with_log(service, run)


def remote_range(binary):
    with Lab() as lab:
        server = lab.host("server", SERVER_A)
        office = Office(lab)
        until("neighbours see each other", 5, office.neighbours_only)
        service = Service(binary, server, {**NO_OTHER_PORTS, **QUICK, "lan.introductions": "true"})

        def run():
            service.start()
            stays("nobody sees across the router before the range is set", 2, office.neighbours_only)
            status, answer = service.api("POST", "/v1/ranges", {"text": "192.168.72.0/24", "isEnabled": True})
            check(status == 201, f"POST /v1/ranges answered {status}: {answer}")
            office.wait_complete("everybody sees everybody after the range was added", 8)
            until("the directory has all four as present", 5, lambda: service.present() == EVERYBODY)
            took, code = service.stop()
            check(code == 0, f"the service ended with {code}")
            for client in office.clients.values():
                office.refresh(client.host.address)
            until("a refresh forgets the other segment while the service is down", 5, office.neighbours_only)
            ready = service.start()
            office.wait_complete("everybody sees everybody after a restart of the service", 6 - ready)
            office.refresh(A1)
            office.wait_complete("after a refresh of Alice, whom the service hears", 8)
            office.refresh(B1)
            until("the refresh of Xena emptied her list", 2, lambda: not {A1, A2} <= office[B1].sees())
            office.wait_complete("after a refresh of Xena, whom no service can hear", 130)
            gone_and_back(office, B2, (A1, A2), 6 + 2 + 4, 130)
            service.stop()

        with_log(service, run)


def scan(binary):
    def scan_of(address):
        if address in (A1, A2):
            return [("192.168.72.20", "192.168.72.23"), (SERVER_A, SERVER_A)]
        return [("192.168.71.10", "192.168.71.13"), (SERVER_A, SERVER_A)]

    with Lab() as lab:
        server = lab.host("server", SERVER_A)
        service = Service(binary, server, {**NO_OTHER_PORTS, **QUICK})

        def run():
            service.start()
            office = Office(lab, scan_of)
            office.wait_complete("everybody sees everybody by their own scans", 8)
            took = until("the directory has all four as present", 10, lambda: service.present() == EVERYBODY)
            say(f"  the directory has all four: {took:.2f} s")
            until("every client lists the service", 5, lambda: all(SERVER_A in c.sees() for c in office.clients.values()))
            check(service.get("/v1/status")["lan"]["introductionsSent"] == 0, "introductions were sent although they are off")
            office[B1].kill()
            took = until("the directory noticed that Xena is gone", 6 + 2 + 4, lambda: B1 not in service.present())
            say(f"  Xena was killed, the directory noticed it: {took:.2f} s")
            service.stop()

        with_log(service, run)


def main():
    part = sys.argv[1]
    say(part)
    if part == "lab":
        lab_only()
    else:
        {"two-networks": two_networks, "remote-range": remote_range, "scan": scan}[part](os.path.abspath(sys.argv[2]))
    say("passed")


if __name__ == "__main__":
    isolate()
    main()
