"""Makes the seeds of the packet targets from the captured packets.

Usage: make_seeds.py CAPTURES FOLDER
One file a distinct input: FOLDER/packet, entry, host_list and ipdict. Text seeds of other targets are in the source tree;
their folders are made here too, empty, so that every target can be given both.
"""

import pathlib
import sys

ENTRY_MODES = range(0, 5)
ANSLIST = 19


def read_captures(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield bytes.fromhex(line.split(" | ")[3])


def fields_of(packet):
    """version, number, user, host, command, rest; or None if it is no classic packet."""
    parts = packet.split(b":", 5)
    return parts if len(parts) == 6 and parts[0].startswith(b"1") and parts[4].isdigit() else None


def main():
    captures = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(sys.argv[2])
    seeds = {name: set() for name in ("packet", "entry", "host_list", "ipdict", "range", "settings", "ldap_filter", "radius", "icmp", "link", "api_json", "http_request",
                                    "dns_message", "dns_message_zone", "dns_message_query", "stream_opening")}
    for packet in read_captures(captures):
        if packet.startswith(b"IP2:"):
            seeds["ipdict"].add(packet)
            continue
        seeds["packet"].add(packet)
        fields = fields_of(packet)
        if fields is None:
            continue
        mode = int(fields[4]) & 0xFF
        if mode in ENTRY_MODES:
            seeds["entry"].add(packet)
        if mode == ANSLIST:
            seeds["host_list"].add(fields[5].split(b"\0")[0])
    for name, inputs in seeds.items():
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        for old in target.iterdir():
            old.unlink()
        for number, content in enumerate(sorted(inputs)):
            (target / f"{number:03}").write_bytes(content)


if __name__ == "__main__":
    main()
