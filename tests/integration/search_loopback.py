"""One search over eight wildcard ranges with 2,000 clients behind them; every one must be found.

    search_loopback.py CAUSEWAYD [CAUSEWAYCTL]
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Service, check, isolate, say, until  # noqa: E402
from responders import Responders  # noqa: E402

WILDCARDS = [f"127.10.{index}.*" for index in range(1, 9)]
CLIENTS = [f"127.10.{index}.{last}" for index in range(1, 9) for last in range(2, 252)]
RATE = 400
SETTINGS = {"lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true", "lan.lists": "false", "lan.packets_per_second": "2000"}


def rows(service, search):
    found, start = [], 0
    while True:
        page = service.get(f"/v1/searches/{search}/rows?from={start}&limit=1000")
        found += page["items"]
        if page.get("next") is None:
            return found
        start = page["next"]


def sweep(service, body):
    status, search = service.api("POST", "/v1/searches", body)
    check(status == 201, f"POST /v1/searches answered {status}: {search}")
    check(search["packetsPerSecond"] == body["packetsPerSecond"], f"the rate became {search['packetsPerSecond']}")
    begin, sent_all = time.monotonic(), []

    def is_over():
        state = service.get(f"/v1/searches/{search['id']}")
        if state["sent"] >= state["total"] > 0 and not sent_all:
            sent_all.append(time.monotonic() - begin)
        return state["state"] in ("finished", "stopped", "failed")

    took = until("the search is over", 120, is_over, every=0.1)
    state = service.get(f"/v1/searches/{search['id']}")
    check(state["state"] == "finished", f"the search ended as {state}")
    allowed = state["total"] / body["packetsPerSecond"]
    say(f"  {state['total']} addresses at {body['packetsPerSecond']} packets/s: sent in {sent_all[0] if sent_all else took:.2f} s "
        f"(the rate allows {allowed:.2f} s), over after {took:.2f} s, {state['answered']} answered")
    return state, rows(service, search["id"])


def main():
    binary = os.path.abspath(sys.argv[1])
    service = Service(binary, settings=SETTINGS)
    with Responders(CLIENTS) as crowd:
        say(f"  {len(CLIENTS)} clients listen")
        service.start()
        try:
            # The ranges are added disabled, so that only the search itself asks the addresses.
            for text in WILDCARDS:
                status, answer = service.api("POST", "/v1/ranges", {"text": text, "isEnabled": False})
                check(status == 201, f"POST /v1/ranges answered {status}: {answer}")
            state, found = sweep(service, {"addresses": "\n".join(WILDCARDS), "packetsPerSecond": RATE})
            missed = set(CLIENTS) - {row["address"] for row in found}
            check(not missed, f"{len(missed)} clients were not found, such as {sorted(missed)[:5]}")
            check(len(found) == len({row["address"] for row in found}), "a client was found twice")
            check(all(row["finding"] == "new" for row in found), "a client that nobody knew is not called new")
            check(all(row["name"].startswith("User 127-10-") for row in found), "names are wrong")
            wasted = [address for address, count in crowd.asked.items() if count > 3]
            check(not wasted, f"{len(wasted)} clients were asked more than three times in one sweep")
            state, found = sweep(service, {"addresses": "\n".join(WILDCARDS), "packetsPerSecond": 2 * RATE})
            check(state["known"] == len(CLIENTS), f"the second search knew {state['known']} of {len(CLIENTS)}")
            check(len(service.users("limit=500&scope=all")) >= len(CLIENTS), "the directory is not complete")
            if len(sys.argv) > 2:
                words = [os.path.abspath(sys.argv[2]), "--data", service.data, "search", "status", "--json"]
                done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
                check(done.returncode == 0, f"causewayctl search status ended with {done.returncode}: {done.stderr}")
                check(str(len(CLIENTS)) in json.dumps(json.loads(done.stdout)), "causewayctl shows another result")
        except BaseException:
            say("---- last lines of the service\n" + "\n".join(service.log().splitlines()[-40:]))
            raise
        finally:
            if service.process.poll() is None:
                service.stop()
    say("passed")


if __name__ == "__main__":
    isolate()
    main()
