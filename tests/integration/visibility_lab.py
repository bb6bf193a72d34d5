"""Who sees whom, found by the real service: three segments, four scripted Windows clients in each, one dead road.

    visibility_lab.py CAUSEWAYD CAUSEWAYCTL

      10.1.0.0/24  service 10.1.0.2, clients .11 .12 .13 .14      (base Tokyo)
      10.2.0.0/24  clients .11 .12 .13 .14                        (base Osaka)
      10.3.0.0/24  clients .11 .12 .13 .14                        (base Nagoya)
      10.2.0.0/24 and 10.3.0.0/24 do not reach each other: the router drops their chat packets.

The service gives no lists here (lan.lists off), as in a company whose clients know each other by their extra broadcast
lists; so what a client shows is what reaches it.
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Lab, Service, check, isolate, say, until  # noqa: E402
from windows_client import GETLIST, WindowsClient, WindowsHall  # noqa: E402

SEGMENTS = ("10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24")
BASES = ("Tokyo", "Osaka", "Nagoya")
SERVER = "10.1.0.2"
SETTINGS = {"lan.lists": "false", "dns.enabled": "false", "lan.refresh_check": "86400", "lan.probe_interval": "30"}
ADDRESSES = [f"10.{segment}.0.{last}" for segment in (1, 2, 3) for last in (11, 12, 13, 14)]


def segment_of(address):
    return address.rsplit(".", 1)[0]


def collected(service):
    status = service.get("/v1/visibility")["status"]
    return not status["isCollecting"] and status["finishedAt"] is not None and status


def lists_asked(clients):
    """How often the service asked each client for his list."""
    return {client.address: client.do(lambda core, now: core.received.get((SERVER, GETLIST), 0)) for client in clients}


def run(binary, ctl):
    with Lab(segments=SEGMENTS) as lab, WindowsHall() as hall:
        server = lab.host("server", SERVER)
        hosts = {address: lab.host("pc" + address.replace(".", "-"), address) for address in ADDRESSES}
        lab.router.run("nft", "add", "table", "ip", "fault")
        lab.router.run("nft", "add", "chain", "ip", "fault", "c", "{ type filter hook forward priority 0 ; }")
        for left, right in (("10.2.0.0/24", "10.3.0.0/24"), ("10.3.0.0/24", "10.2.0.0/24")):
            lab.router.run("nft", "add", "rule", "ip", "fault", "c", f"ip saddr {left} ip daddr {right} drop")
        service = Service(binary, server, SETTINGS)
        service.start()
        for name, segment in zip(BASES, SEGMENTS):
            status, answer = service.api("POST", "/v1/bases", {"name": name, "segments": [segment], "note": ""})
            check(status == 201, f"base {name}: {answer}")
        empty = service.get("/v1/visibility")
        check(empty["map"]["blocks"] == [] and not empty["status"]["isCollecting"], "something was collected unasked")

        clients = []
        for address, host in hosts.items():
            others = [each for each in ADDRESSES if segment_of(each) != segment_of(address)] + [SERVER]
            clients.append(WindowsClient(hall, host, "u" + address.replace(".", "-"), also=others))
        until("the directory has everybody", 40, lambda: set(ADDRESSES) <= service.present(), every=0.3)

        def reached(address):
            dead = {"10.2.0": "10.3.0", "10.3.0": "10.2.0"}.get(segment_of(address))
            return {each for each in ADDRESSES if each != address and segment_of(each) != dead}

        took = until("the clients show whom they reach", 40, lambda: all(
            client.sees() - {SERVER} == reached(client.address) for client in clients), every=0.3)
        say(f"  everybody shows whom he reaches: {took:.1f} s")
        # Who entered within 20 s proves nothing yet; Windows clients say hello once more after 5 s.
        entered = time.monotonic()
        until("the entries are old enough", 60, lambda: time.monotonic() - entered > 27, every=0.5)

        check(sum(lists_asked(clients).values()) == 0, "clients were asked for their lists before anybody wanted it")
        start = time.monotonic()
        done = subprocess.run(server.words(ctl, "--data", service.data, "visibility", "collect", "--json"),
                              capture_output=True, text=True, timeout=120, check=False)
        check(done.returncode == 0, f"causewayctl ended with {done.returncode}: {done.stderr}")
        status = json.loads(done.stdout)
        say(f"  collected in {time.monotonic() - start:.1f} s: {status['answered']} lists, {status['cells']} pairs")
        check(status["answered"] == 12 and status["silent"] == 0, f"not every client gave its list: {status}")
        check(status["observers"] == 13, f"twelve clients and the service observe: {status}")
        asked = lists_asked(clients)
        check(all(count == 1 for count in asked.values()), f"a client was asked more than once: {asked}")

        findings = service.get("/v1/visibility/findings")["items"]
        check([each["kind"] for each in findings] == ["site-link"], f"wrong findings: {json.dumps(findings, indent=1)}")
        link = findings[0]
        check((link["from"], link["to"]) == ("10.2.0.0/24", "10.3.0.0/24"), f"the wrong road: {link}")
        check((link["fromBase"], link["toBase"]) == ("Osaka", "Nagoya"), f"the wrong bases: {link}")
        check(link["certainty"] == "certain" and link["cells"] == 32 and link["observers"] == 8, f"wrong proof: {link}")
        say("  " + link["sentence"])
        users = {user["id"]: user["address"] for user in service.users()}
        pair = {segment_of(users[link["traceFrom"]]), segment_of(users[link["traceTo"]])}
        check(pair == {"10.2.0", "10.3.0"}, f"the pair to trace is {pair}")

        blocks = service.get("/v1/visibility")["map"]
        names = [group["base"] for group in blocks["rows"]]
        states = {(names[each["from"]], names[each["to"]]): each["state"] for each in blocks["blocks"]}
        wanted = {(one, other): "dark" if {one, other} == {"Osaka", "Nagoya"} else "seen" for one in BASES for other in BASES}
        check(states == wanted, f"the map is {states}")
        inside = service.get("/v1/visibility/segments?from=Osaka&to=Nagoya")
        check([each["state"] for each in inside["blocks"]] == ["dark"], f"{inside}")
        cells = service.get("/v1/visibility/cells?from=10.2.0.0/24&to=10.3.0.0/24")
        check(cells["rows"] == ["0000"] * 4, f"{cells}")
        cells = service.get("/v1/visibility/cells?from=10.1.0.0/24&to=10.3.0.0/24")
        check(cells["rows"] == ["1111"] * 5, f"the service and four clients: {cells}")
        problems = [each["id"] for each in service.get("/v1/problems")]
        check("visibility" in problems, f"the overview does not tell: {problems}")

        # Mended and tested again at once: nobody is asked twice in ten minutes, and the finding stays open.
        lab.router.run("nft", "delete", "table", "ip", "fault")
        status, answer = service.api("POST", "/v1/visibility/collect", {"from": "10.2.0.0/24", "to": "10.3.0.0/24"})
        check(status == 200, f"the retest was refused: {answer}")
        until("the retest is over", 30, lambda: collected(service), every=0.2)
        now = collected(service)
        check(now["tooSoon"] == 8 and now["asked"] == 0 and now["againAt"], f"{now}")
        check(lists_asked(clients) == asked, "a client was asked again within ten minutes")
        check(service.get("/v1/visibility/findings")["items"][0]["isOpen"], "the finding was closed without a look")

        # A trace gets the list that is there instead of asking again.
        ids = {address: user for user, address in users.items()}
        status, trace = service.api("POST", "/v1/traces", {
            "fromUser": ids["10.2.0.11"], "toUser": ids["10.3.0.11"], "steps": ["lists"], "readLists": True})
        check(status == 201, f"the trace was not started: {trace}")
        until("the trace is over", 60, lambda: service.get(f"/v1/traces/{trace['id']}")["state"] != "running", every=0.2)
        again = lists_asked(clients)
        check(again["10.2.0.11"] == 1 and again["10.3.0.11"] == 1, f"the trace asked again: {again}")

        # Over a restart: the finding and its story stay, and nobody is asked sooner.
        service.stop()
        service.start()
        kept = service.get("/v1/visibility/findings")["items"]
        check(len(kept) == 1 and kept[0]["firstSeen"] == link["firstSeen"] and kept[0]["isOpen"], f"{kept}")
        done = subprocess.run(server.words(ctl, "--data", service.data, "visibility", "findings"),
                              capture_output=True, text=True, timeout=30, check=False)
        check(done.returncode == 1 and "site-link" in done.stdout and "trace run" in done.stdout, f"{done.stdout} {done.stderr}")
        until("the directory has everybody again", 60, lambda: set(ADDRESSES) <= service.present(), every=0.3)
        status, answer = service.api("POST", "/v1/visibility/collect", {})
        check(status == 200, f"{answer}")
        until("the collection is over", 30, lambda: collected(service), every=0.2)
        check(lists_asked(clients)["10.1.0.12"] == 1, "a restart of the service let it ask again")
        check(not hall.violations(), "\n".join(hall.violations()[:10]))
        service.stop()


if __name__ == "__main__":
    isolate()
    run(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    say("passed")
