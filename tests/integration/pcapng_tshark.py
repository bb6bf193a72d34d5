"""Wireshark's tools read what the pcapng writer wrote: count, times, addresses, comments, and right checksums everywhere.

    pcapng_tshark.py PCAPNG_PROBE

Payloads and comments are hostile on purpose: control characters, bad UTF-8, block headers, all lengths, random bytes.
"""

import os
import random
import subprocess
import sys
import tempfile

FIELDS = ["frame.time_epoch", "frame.comment", "frame.len", "ip.src", "ip.dst", "ip.ttl", "ip.flags.df", "ip.proto", "ip.checksum.status",
          "udp.srcport", "udp.dstport", "udp.checksum.status", "tcp.srcport", "tcp.dstport", "tcp.flags.syn", "tcp.checksum.status",
          "icmp.type", "icmp.code", "icmp.checksum.status", "frame.packet_flags_direction"]
GOOD = "1"  # of the "status" fields
HOSTILE = [b"", b"\0", b"\x0a\x0d\x0d\x0a" + b"\0" * 8, b"\x06\0\0\0\x20\0\0\0" * 4, b"1_lbt6_0#128#\xff:\xfe", b"%s%n%x" * 20, b"a" * 1472, b"\xff" * 8000,
           bytes(range(256))]
COMMENTS = [b"", b"step 5, chat probe: answered", "Schritt 5: \u201egefiltert\u201c \u65e5\u672c \U0001f600".encode(), b"two\nlines\tand\x1b[31mcolour", b"\xff\xfe\xc3",
            b"\0\0\0\0", b"x" * 5000, b"<script>alert(1)</script>", b"\xe2\x80\xaeright to left"]


def packets(count):
    rng = random.Random(20261122)
    for number in range(count):
        transport = ("udp", "tcp", "icmp")[number % 3]
        payload = HOSTILE[number] if number < len(HOSTILE) else rng.randbytes(rng.choice([0, 1, 2, 3, 17, 500, 1471, rng.randint(0, 3000)]))
        comment = COMMENTS[number % len(COMMENTS)] if number < 200 else rng.randbytes(rng.randint(0, 40))
        if transport == "icmp":
            kind, code = rng.choice([(8, 0), (0, 0), (3, 13), (11, 0), (3, 4)])
            if kind in (3, 11):  # what an error quotes is a whole UDP header
                payload = bytes.fromhex("4500001c0001000040110000" "0a010005" "0a02000b" "0979097900080000")
            extra = (kind, code, rng.getrandbits(32))
        elif transport == "tcp":
            extra = (rng.getrandbits(32), rng.getrandbits(32), rng.choice([2, 18, 4, 20, 17]))
        else:
            extra = (0, 0, 0)
        yield {"transport": transport, "flow": rng.choice(["in", "out"]), "seconds": 1_790_000_000 + number, "nanoseconds": rng.randint(0, 999_999_999),
               "source": f"10.1.{rng.randint(0, 255)}.{rng.randint(1, 254)}", "sport": rng.choice([2425, 1024 + number]),
               "destination": f"10.2.{rng.randint(0, 255)}.{rng.randint(1, 254)}", "dport": rng.choice([2425, 22224]), "ttl": rng.randint(1, 255), "df": rng.randint(0, 1),
               "payload": payload, "comment": comment, "extra": extra}


def line_of(packet):
    words = [packet["transport"], packet["flow"], packet["seconds"], packet["nanoseconds"], packet["source"], packet["sport"], packet["destination"], packet["dport"],
             packet["ttl"], packet["df"], packet["payload"].hex() or "-", packet["comment"].hex() or "-", *packet["extra"]]
    return " ".join(str(word) for word in words)


def run(*command, **more):
    return subprocess.run(command, capture_output=True, timeout=120, check=True, **more)


def is_true(text):
    return text in ("1", "True")


def check(packet, row):
    got = dict(zip(FIELDS, row))
    kind = packet["transport"]
    assert got["frame.time_epoch"] == f"{packet['seconds']}.{packet['nanoseconds']:09}", got
    assert got["ip.src"].split(",")[0] == packet["source"] and got["ip.dst"].split(",")[0] == packet["destination"], got
    assert got["ip.ttl"].split(",")[0] == str(packet["ttl"]) and is_true(got["ip.flags.df"].split(",")[0]) == bool(packet["df"]), got
    assert got["ip.checksum.status"].split(",")[0] == GOOD, got
    assert int(got["frame.len"]) == 20 + (20 if kind == "tcp" else 8) + len(packet["payload"]), got
    if kind == "icmp":
        assert got["icmp.type"] == str(packet["extra"][0]) and got["icmp.code"] == str(packet["extra"][1]), got
        assert got["icmp.checksum.status"] == GOOD, got
    else:
        assert (got[kind + ".srcport"], got[kind + ".dstport"]) == (str(packet["sport"]), str(packet["dport"])), got
        assert got[kind + ".checksum.status"] == GOOD, got
    if kind == "tcp":
        assert is_true(got["tcp.flags.syn"]) == bool(packet["extra"][2] & 2), got
    comment = got["frame.comment"]
    assert not any(ord(char) < 32 or ord(char) == 0x202E for char in comment), got
    text = packet["comment"]
    if text.isascii() and text.decode().isprintable():
        assert comment == text.decode()[:2000], (comment, text)
    elif text == COMMENTS[2]:
        assert comment == text.decode(), comment
    elif text:
        assert comment, "a comment got lost"
    # 1 is inbound, 2 outbound.
    if got["frame.packet_flags_direction"]:
        assert int(got["frame.packet_flags_direction"], 0) == (1 if packet["flow"] == "in" else 2), got


def main():
    wanted = list(packets(1200))
    too_large = dict(wanted[0], payload=b"z" * 65508)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.pcapng")
        lines = [line_of(packet) for packet in wanted] + [line_of(too_large)]
        answers = run(sys.argv[1], path, input="\n".join(lines) + "\n", text=True).stdout.split()
        assert answers == ["ok"] * len(wanted) + ["bad-input"], answers[-3:]

        about = run("capinfos", "-M", "-c", "-t", "-E", "-k", path, text=True).stdout
        assert "pcapng" in about and f"{len(wanted)}" in about, about
        assert "Headers are rebuilt from sockets." in about, about
        options = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]
        fields = [word for field in FIELDS for word in ("-e", field)]
        done = run("tshark", "-n", "-r", path, *options, "-T", "fields", "-E", "separator=\x1e", *fields)
        rows = done.stdout.decode("utf-8").split("\n")[:-1]  # strict: a bad byte in a comment fails here
        assert len(rows) == len(wanted), (len(rows), done.stderr[-500:])
        for packet, row in zip(wanted, rows):
            check(packet, row.split("\x1e"))
        print(f"tshark read {len(rows)} packets of {os.path.getsize(path)} bytes: times, addresses, comments and checksums are right")


if __name__ == "__main__":
    main()
