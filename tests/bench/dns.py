"""Queries per second of chat DNS beside Knot and NSD: same zone, same machine, one run, dnsperf as the load.

    dns.py DNS_ANSWERER [--seconds N] [--clients N] [--rounds N] [--threads N]

Prints JSON: queries/s, queries per CPU second of the server under dnsperf and with a full queue (where a server that takes
many datagrams at once can show it), and our ratios to the others. The servers take turns, round
by round, so that a busy moment of the machine does not hit one of them only; the median of the rounds counts. Every server
has the same number of UDP threads and listens on all IPv4 addresses of a private network namespace.
"""

import argparse
import json
import os
import re
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import check, isolate, say, until  # noqa: E402

DOMAIN = "chat.example.com"
ADDRESS = "10.255.0.53"
NODES = 4


def zone_commands():
    rows = [f"domain {DOMAIN} both", f"nameserver ns1 {ADDRESS} 192.0.2.53", "caa letsencrypt.org"]
    for index in range(1, NODES + 1):
        rows.append(f"supernode sn{index} 10.1.0.{index} 192.0.2.{index} 5222 5223 5269 5270 5443")
    return rows


def queries():
    """What resolvers of clients ask: mostly SRV and addresses, some negative answers and some strangers."""
    rows = []
    for index in range(1, NODES + 1):
        rows += [f"sn{index}.{DOMAIN} A"] * 4 + [f"sn{index}.{DOMAIN} AAAA"] * 2
    rows += [f"_xmpp-client._tcp.{DOMAIN} SRV", f"_xmpps-client._tcp.{DOMAIN} SRV"] * 8
    rows += [f"_xmpp-server._tcp.{DOMAIN} SRV", f"{DOMAIN} A", f"{DOMAIN} HTTPS", f"_xmppconnect.{DOMAIN} TXT"] * 2
    rows += [f"nobody{index}.{DOMAIN} A" for index in range(4)]
    rows += [f"{DOMAIN} SOA", f"{DOMAIN} NS"]
    return rows


class Server:
    def __init__(self, name, words, **options):
        self.name = name
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE if options.pop("pipe", False) else subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, text=True, **options)

    def pids(self):
        """The server and its children."""
        found = [self.process.pid]
        for pid in found:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
                found += [int(each) for each in file.read().split()]
        return found

    def cpu(self):
        """Seconds that all threads of the server have run, kernel work for them included."""
        total = 0
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as file:
                    total += int(file.read().split()[0])
        return total / 1e9

    def signal(self, what):
        for pid in self.pids():
            os.kill(pid, what)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def ours(binary, threads, port):
    server = Server("causeway", [binary, "--listen", f"0.0.0.0:{port}", "--workers", str(threads), "--rate", "2000000"],
                    stdin=subprocess.PIPE, pipe=True)
    check(server.process.stdout.readline().startswith("listening"), "our server did not start")
    for row in zone_commands() + ["commit"]:
        server.process.stdin.write(row + "\n")
        server.process.stdin.flush()
        check(not server.process.stdout.readline().startswith("error"), row)
    server.process.stdin.write(f"records {DOMAIN} lan bind\n")
    server.process.stdin.flush()
    return server, bytes.fromhex(server.process.stdout.readline().strip()).decode()


def zone_file(folder, text):
    path = folder + "/zone"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"$ORIGIN {DOMAIN}.\n@ 300 IN SOA ns1 hostmaster 1 3600 600 1209600 60\n@ 300 IN NS ns1\n" + text)
    return path


def knot(folder, zone, threads, port):
    with open(folder + "/knot.conf", "w", encoding="utf-8") as file:
        file.write(f"""server:
  rundir: "{folder}"
  listen: 0.0.0.0@{port}
  udp-workers: {threads}
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}"
zone:
  - domain: {DOMAIN}
    file: "{zone}"
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
""")
    return Server("knot", ["knotd", "-c", folder + "/knot.conf"])


def nsd(folder, zone, threads, port):
    with open(folder + "/nsd.conf", "w", encoding="utf-8") as file:
        file.write(f"""server:
  ip-address: 0.0.0.0@{port}
  server-count: {threads}
  reuseport: yes
  username: ""
  pidfile: "{folder}/nsd.pid"
  zonesdir: "{folder}"
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zonelist"
  logfile: "{folder}/nsd.log"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: {DOMAIN}
  zonefile: "{zone}"
""")
    return Server("nsd", ["nsd", "-d", "-c", folder + "/nsd.conf"])


def wire(row):
    name, kind = row.split()
    numbers = {"A": 1, "NS": 2, "SOA": 6, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65}
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return (struct.pack(">6H", 4711, 0x0100, 1, 0, 0, 1) + labels + b"\0" + struct.pack(">2H", numbers[kind], 1) +
            b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0))


def bursts(server, port, options):
    """The cost of a query when the server never waits: it is stopped, its queue is filled, then it goes on."""
    packets = [wire(row) for row in queries()]
    links = []
    for _ in range(4):
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        link.connect((ADDRESS, port))
        link.settimeout(2)
        links.append(link)
    answered = size = 0
    used = 0.0
    for _ in range(options.bursts):
        server.signal(signal.SIGSTOP)
        until("it stands still", 5, lambda: all(
            open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()[0] == "T" for pid in server.pids()))
        # As many as fit the smallest queue of the three, so that all have the same work.
        for index in range(options.burst):
            links[index % len(links)].send(packets[index % len(packets)])
        before = server.cpu()
        server.signal(signal.SIGCONT)
        for index in range(options.burst):
            try:
                size += len(links[index % len(links)].recv(4096))
                answered += 1
            except socket.timeout:
                pass
        used += server.cpu() - before
    for link in links:
        link.close()
    return {"perCpuSecond": round(answered / used), "lost": options.burst * options.bursts - answered,
            "bytesPerAnswer": round(size / max(answered, 1), 1)}


def measure(server, port, options, folder):
    before = server.cpu()
    done = subprocess.run(["dnsperf", "-s", ADDRESS, "-p", str(port), "-d", folder + "/queries", "-l", str(options.seconds),
                           "-c", str(options.clients), "-T", "1", "-q", str(options.outstanding), "-e"],
                          capture_output=True, text=True, check=True)
    used = server.cpu() - before
    rate = float(re.search(r"Queries per second:\s+([0-9.]+)", done.stdout).group(1))
    completed = int(re.search(r"Queries completed:\s+(\d+)", done.stdout).group(1))
    lost = int(re.search(r"Queries lost:\s+(\d+)", done.stdout).group(1))
    codes = re.search(r"Response codes:\s+(.*)", done.stdout).group(1)
    return {"queriesPerSecond": round(rate), "perCpuSecond": round(completed / used), "lost": lost, "codes": codes,
            "cpu": round(used / options.seconds, 3)}


def same_answers(servers):
    """The race is fair: all say the same."""
    for row in sorted(set(queries())):
        said = {}
        for server, port in servers:
            text = subprocess.run(["dig", f"@{ADDRESS}", "-p", str(port), *row.split(), "+norecurse", "+noall", "+answer"],
                                  capture_output=True, text=True, check=True).stdout
            said[server.name] = sorted(line for line in text.splitlines() if "\tSOA\t" not in line)
        check(said["causeway"] == said["knot"] == said["nsd"], f"{row}: {said}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--outstanding", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bursts", type=int, default=60)
    parser.add_argument("--burst", type=int, default=200)
    options = parser.parse_args()
    # The servers see the client as one of the LAN.
    subprocess.run(["ip", "addr", "add", ADDRESS + "/32", "dev", "lo"], check=True)
    with tempfile.TemporaryDirectory(prefix="dns-bench-") as folder:
        with open(folder + "/queries", "w", encoding="utf-8") as file:
            file.write("\n".join(queries()) + "\n")
        own, text = ours(os.path.abspath(options.binary), options.threads, 5301)
        zone = zone_file(folder, text)
        servers = [(own, 5301)]
        for number, start in enumerate((knot, nsd)):
            place = folder + "/" + start.__name__
            os.mkdir(place)
            servers.append((start(place, zone, options.threads, 5302 + number), 5302 + number))
        rounds = {server.name: [] for server, _ in servers}
        full = {server.name: [] for server, _ in servers}
        try:
            for server, port in servers:
                until(f"{server.name} answers", 20, lambda port=port: "5222" in subprocess.run(
                    ["kdig", f"@{ADDRESS}", "-p", str(port), f"_xmpp-client._tcp.{DOMAIN}", "SRV", "+short", "+timeout=1"],
                    capture_output=True, text=True, check=False).stdout)
            same_answers(servers)
            for _ in range(options.rounds):
                for server, port in servers:
                    rounds[server.name].append(measure(server, port, options, folder))
                    full[server.name].append(bursts(server, port, options))
        finally:
            for server, _ in servers:
                server.stop()
    result = {}
    for name, list_ in rounds.items():
        result[name] = {key: statistics.median(each[key] for each in list_)
                        for key in ("queriesPerSecond", "perCpuSecond", "cpu", "lost")}
        result[name]["codes"] = list_[-1]["codes"]
        result[name]["perCpuSecondFullQueue"] = statistics.median(each["perCpuSecond"] for each in full[name])
        result[name]["lostFullQueue"] = sum(each["lost"] for each in full[name])
        result[name]["bytesPerAnswer"] = full[name][-1]["bytesPerAnswer"]
    for other in ("knot", "nsd"):
        result[f"ratioTo{other.capitalize()}"] = {
            key: round(result["causeway"][key] / result[other][key], 3)
            for key in ("queriesPerSecond", "perCpuSecond", "perCpuSecondFullQueue")}
    result["rounds"] = {name: [each["perCpuSecond"] for each in list_] for name, list_ in rounds.items()}
    result["roundsFullQueue"] = {name: [each["perCpuSecond"] for each in list_] for name, list_ in full.items()}
    result["threads"] = options.threads
    say(json.dumps(result, indent=2))


if __name__ == "__main__":
    isolate()
    main()
