"""The LAN directory's figures, as JSON lines. Nothing is asserted but that the work was done.

    lan.py CAUSEWAYD BENCH_DIRECTORY [RATE]

sweep        65,536 loopback addresses with 2,000 live clients: time against what the rate allows, CPU, missed clients
latency      from the answer of a client that is new to the event at a console
directory    100,000 users in memory
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Service, check, isolate, say, until  # noqa: E402
from responders import Responders  # noqa: E402

CLIENTS = [f"127.20.{third}.{last}" for third in range(0, 250, 5) for last in range(10, 210, 5)]
LATE_ANSWERS = 5.0  # the service waits this long after its last question


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def sweep(service, rate):
    pid = service.process.pid
    cpu, begin = cpu_seconds(pid), time.monotonic()
    status, search = service.api("POST", "/v1/searches", {"addresses": "127.20.0.0/16", "packetsPerSecond": rate})
    check(status == 201, f"POST /v1/searches answered {status}: {search}")

    def is_over():
        return service.get(f"/v1/searches/{search['id']}")["state"] in ("finished", "stopped", "failed")

    until("the sweep is over", 900, is_over, every=0.25)
    took = time.monotonic() - begin - LATE_ANSWERS
    state = service.get(f"/v1/searches/{search['id']}")
    ideal = state["total"] / rate
    return {"bench": "sweep", "addresses": state["total"], "rate": rate, "seconds": round(took, 2), "ideal": round(ideal, 2),
            "ratio": round(took / ideal, 3), "cpuSeconds": round(cpu_seconds(pid) - cpu, 2), "clients": len(CLIENTS),
            "missed": len(CLIENTS) - state["answered"], "residentMB": round(resident_mb(pid), 1)}


def events(service, seen):
    """Follows the event stream and notes when each address appears in a `users` event."""
    host, port = service.get("/v1/status")["listeners"][0]["address"].rsplit(":", 1)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with open(os.path.join(service.data, "admin.token"), encoding="ascii") as file:
        token = file.read().strip()
    stream = context.wrap_socket(socket.create_connection((host, int(port)), timeout=60))
    stream.sendall(f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    reader = stream.makefile("rb")

    def run():
        try:
            for line in reader:
                if not line.startswith(b"data:"):
                    continue
                now = time.monotonic()
                data = json.loads(line[5:])
                for user in data.get("changed", []) if isinstance(data, dict) else []:
                    seen.setdefault(user["address"], now)
        except (OSError, ValueError):
            pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return stream


def latency(service, rounds=20):
    seen, figures = {}, []
    stream = events(service, seen)
    try:
        for index in range(rounds):
            address = f"127.21.0.{10 + index}"
            with Responders([address]) as crowd:
                service.api("POST", "/v1/searches", {"addresses": address})
                until("the client was asked", 10, lambda a=address, c=crowd: c.asked.get(a), every=0.001)
                asked = time.monotonic()
                until("the console was told", 10, lambda a=address: a in seen, every=0.001)
                figures.append((seen[address] - asked) * 1000)
                until("the search is over", 20, lambda: service.get("/v1/searches")["items"][0]["state"] == "finished", every=0.2)
    finally:
        stream.close()
    figures.sort()
    return {"bench": "latency", "rounds": rounds, "medianMs": round(figures[len(figures) // 2], 1), "worstMs": round(figures[-1], 1)}


def main():
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    service = Service(os.path.abspath(sys.argv[1]), settings={
        "lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true", "lan.lists": "false", "lan.packets_per_second": str(rate)})
    begin = time.monotonic()
    service.start()
    try:
        print(json.dumps({"bench": "start", "seconds": round(time.monotonic() - begin, 3),
                          "residentMB": round(resident_mb(service.process.pid), 1)}), flush=True)
        with Responders(CLIENTS):
            print(json.dumps(sweep(service, rate)), flush=True)
        print(json.dumps(latency(service)), flush=True)
    finally:
        service.stop()
    done = subprocess.run([os.path.abspath(sys.argv[2]), "100000"], capture_output=True, text=True, timeout=300, check=False)
    check(done.returncode == 0, f"bench_directory ended with {done.returncode}: {done.stderr}")
    print(done.stdout.strip(), flush=True)
    say("done")


if __name__ == "__main__":
    isolate()
    main()
