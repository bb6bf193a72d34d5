"""The visibility map of 2,000 computers in 20 segments, as JSON lines. Nothing is asserted but that the work was done.

    visibility.py CAUSEWAYD BENCH_VISIBILITY [PCS]

collection   the real service asks as many clients on loopback as there are: time, packets, bytes, CPU, memory, JSON sizes
report       localisation and map alone, from a matrix in memory (BENCH_VISIBILITY)
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Service, check, isolate, say, until  # noqa: E402
from list_givers import ListGivers  # noqa: E402

SEGMENTS = 20
SETTINGS = {"lan.listen": "127.0.0.1:2425", "lan.allow_loopback": "true", "lan.lists": "false", "lan.packets_per_second": "2000",
            "dns.enabled": "false", "supernode.enabled": "false", "lan.probe_interval": "600", "lan.gone_after": "3600"}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def size_and_time(service, path):
    begin = time.monotonic()
    body = service.get(path)
    return {"bytes": len(json.dumps(body, separators=(",", ":"))), "ms": round((time.monotonic() - begin) * 1000, 1)}


def collection(binary, pcs):
    names = {}
    for number in range(pcs):
        segment, last = number % SEGMENTS, number // SEGMENTS
        names[f"127.20.{segment * 4 + last // 200}.{10 + last % 200}"] = f"Employee {number}"
    dead = {("127.20.4", "127.20.8"), ("127.20.8", "127.20.4"), ("127.20.12", "127.20.16")}

    def network(address):
        return address.rsplit(".", 1)[0]

    with ListGivers(names, lambda one, other: (network(one), network(other)) not in dead) as crowd:
        service = Service(binary, settings=SETTINGS)
        service.start()
        try:
            for number in range(SEGMENTS):
                segments = sorted({network(each) + ".0/24" for each in names if int(network(each).split(".")[2]) // 4 == number})
                status, answer = service.api("POST", "/v1/bases", {"name": f"Base {number:02}", "segments": segments, "note": ""})
                check(status == 201, f"{answer}")
            for segment in sorted({network(each) for each in names}):
                status, search = service.api("POST", "/v1/searches", {"addresses": segment + ".0/24", "packetsPerSecond": 2000})
                check(status == 201, f"{search}")
                until("the search is over", 60, lambda i=search["id"]: service.get(f"/v1/searches/{i}")["state"] == "finished", every=0.3)
            until("everybody is present", 60, lambda: service.get("/v1/status")["lan"]["present"] >= pcs, every=0.5)
            settled = time.monotonic()
            until("the entries are old enough", 40, lambda: time.monotonic() - settled > 21, every=0.5)
            pid = service.process.pid
            lan = service.get("/v1/status")["lan"]
            before = {"cpu": cpu_seconds(pid), "memory": resident_mb(pid), "out": crowd.packets_out, "bytes": crowd.bytes_out,
                      "asked": crowd.packets_in, "sent": lan["packetsOut"]}
            begin = time.monotonic()
            status, answer = service.api("POST", "/v1/visibility/collect", {})
            check(status == 200, f"{answer}")
            highest = 0.0

            def is_over():
                nonlocal highest
                highest = max(highest, resident_mb(pid))
                now = service.get("/v1/visibility")["status"]
                return not now["isCollecting"] and now

            until("the collection is over", 3000, is_over, every=0.5)
            took = time.monotonic() - begin
            now = is_over()
            findings = service.get("/v1/visibility/findings")["items"]
            return {
                "bench": "visibility", "pcs": pcs, "segments": len({network(each) for each in names}), "seconds": round(took, 1),
                "lists": now["answered"], "silent": now["silent"], "pairs": now["cells"],
                "questions": crowd.packets_in - before["asked"], "answers": crowd.packets_out - before["out"],
                "listMB": round((crowd.bytes_out - before["bytes"]) / 1e6, 1),
                "packetsPerSecondOut": round((crowd.packets_in - before["asked"]) / took, 1),
                "mostAskedOne": max(crowd.lists_asked.values()), "cpuSeconds": round(cpu_seconds(pid) - before["cpu"], 2),
                "residentBeforeMB": round(before["memory"], 1), "residentHighestMB": round(highest, 1),
                "residentAfterMB": round(resident_mb(pid), 1), "findings": sorted(each["kind"] for each in findings),
                "bases": size_and_time(service, "/v1/visibility"),
                "segmentsOfTwoBases": size_and_time(service, "/v1/visibility/segments?from=Base%2001&to=Base%2002"),
                "cellsPage": size_and_time(service, "/v1/visibility/cells?from=127.20.4.0/24&to=127.20.8.0/24"),
                "findingsJson": size_and_time(service, "/v1/visibility/findings")}
        finally:
            service.stop()


def main():
    pcs = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    print(json.dumps(collection(os.path.abspath(sys.argv[1]), pcs)), flush=True)
    print(subprocess.run([os.path.abspath(sys.argv[2]), str(pcs)], capture_output=True, text=True, check=True).stdout.strip())


if __name__ == "__main__":
    isolate()
    main()
    say("done")
