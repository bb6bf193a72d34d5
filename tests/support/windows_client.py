"""A scripted client with the manners of IP Messenger for Windows 4.99, for the integration tests.

It announces itself, answers after a random delay, keeps the entry window, pages lists, verifies signed lists, forgets
everything at a Refresh, and writes down each thing that a directory server must never do to such a client
(`violations`). Source of the behaviour: the packet captures and reaction tables of the project's protocol notes;
`windows_client_test.py` checks it against captured packets.

    WindowsCore     the rules; bytes and time go in, (bytes, address, port) come out; no socket, no clock
    WindowsClient   one core on one machine of the lab
    WindowsHall     the thread that runs all clients of a test
"""

import base64
import hashlib
import random
import selectors
import socket
import subprocess
import tempfile
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PORT = 2425
BEL = b"\x07"
BS = "\b"

NOOP, BR_ENTRY, BR_EXIT, ANSENTRY, BR_ABSENCE = 0, 1, 2, 3, 4
OKGETLIST, GETLIST, ANSLIST, ANSLIST_DICT, BR_ISGETLIST2 = 17, 18, 19, 20, 24
SENDMSG, RECVMSG, GETINFO, SENDINFO, GETABSENCEINFO, SENDABSENCEINFO = 32, 33, 64, 65, 80, 81
GETPUBKEY, ANSPUBKEY = 114, 115

SENDCHECKOPT = 0x100
ABSENCEOPT = 0x100
AUTORETOPT = 0x2000
DIALUPOPT = 0x10000
ENCRYPTOPT = 0x400000
UTF8OPT = 0x800000
CAPUTF8OPT = 0x1000000
CAPIPDICTOPT = 0x2000000
DIR_MASTER = 0x10000000
STATE_WORD = 0x0F640000
KEY_MASK = 0x65920006
VERSION = "00010002:4:99:103"
LIST_PAUSE = 7.0  # seconds between two lists to one client


class Malformed(ValueError):
    """Bytes that such a client drops."""


# ------------------------------------------------------------------------------------------------------- packets


class Packet:
    """One classic packet. Fields are split as Windows splits them: colons in a row are one separator."""

    def __init__(self, data):
        head = data.split(b":", 5)
        if len(head) < 5 or not head[0].isdigit() and head[0].split(b"_")[0] != b"1":
            raise Malformed("not a packet")
        self.has_empty_field = any(field == b"" for field in head[:5])
        if self.has_empty_field:
            raise Malformed("an empty field shifts all others")
        try:
            self.number, word = int(head[1]), int(head[4].rstrip(b"\0"))
        except ValueError as error:
            raise Malformed("numbers") from error
        self.version = head[0]
        self.mode, self.flags = word & 0xFF, word & 0xFFFFFF00
        body = head[5] if len(head) == 6 else b""
        self.parts = body.split(b"\0")
        self.body = self.parts[0]
        charset = "utf-8" if self.flags & UTF8OPT or b"iptux" in self.version else "cp932"
        self.charset = charset
        self.user = text_of(head[2], charset)
        self.host = text_of(head[3], charset)
        self.nick = text_of(self.parts[0], charset)
        self.group = ""
        self.vs = None
        if self.mode in (NOOP, BR_ENTRY, BR_EXIT, ANSENTRY, BR_ABSENCE):
            self._read_entry(body)

    def _read_entry(self, body):
        rest = body.split(b"\0", 1)[1] if b"\0" in body else b""
        if not rest.startswith(b"\n"):
            self.group = text_of(rest.split(b"\0")[0], self.charset)
        lines = rest[rest.index(b"\n"):] if b"\n" in rest else b""
        for line in lines.rstrip(b"\0").split(b"\n"):
            key, _, value = line.partition(b":")
            if key == b"VS":
                self.vs = text_of(value, "utf-8")
            if self.flags & CAPUTF8OPT:
                if key == b"UN":
                    self.user = text_of(value, "utf-8")
                elif key == b"HN":
                    self.host = text_of(value, "utf-8")
                elif key == b"NN":
                    self.nick = text_of(value, "utf-8")
                elif key == b"GN":
                    self.group = text_of(value, "utf-8")


def text_of(data, charset):
    return data.decode(charset, errors="replace")


def read_dict(content):
    """IPDict content to a list of (key, raw value) in order."""
    found, at = [], 0
    while at < len(content):
        try:
            end = content.index(b":", at)
            key = content[at:end].decode("ascii")
            size_end = content.index(b":", end + 1)
            size = int(content[end + 1:size_end], 16)
        except ValueError as error:
            raise Malformed("dictionary") from error
        value = content[size_end + 1:size_end + 1 + size]
        if len(value) != size:
            raise Malformed("dictionary value is cut")
        found.append((key, value))
        at = size_end + 1 + size
        if at < len(content):
            if content[at:at + 1] != b":":
                raise Malformed("dictionary separator")
            at += 1
    return found


def read_list(content):
    items, at = [], 0
    while at < len(content):
        try:
            end = content.index(b":", at)
            size = int(content[at:end], 16)
        except ValueError as error:
            raise Malformed("list") from error
        item = content[end + 1:end + 1 + size]
        if len(item) != size:
            raise Malformed("list item is cut")
        items.append(item)
        at = end + 1 + size + 1
    return items


def dict_content(data):
    """The content of an IPDict packet ("IP2:" length ":" content ":Z")."""
    end = data.find(b":", 4)
    if not data.startswith(b"IP2:") or end < 0:
        raise Malformed("not an IPDict")
    try:
        size = int(data[4:end], 16)
    except ValueError as error:
        raise Malformed("IPDict length") from error
    content, tail = data[end + 1:end + 1 + size], data[end + 1 + size:]
    if len(content) != size or not tail.startswith(b":Z"):
        raise Malformed("IPDict is cut")
    return content


def pack_dict(content):
    return b"IP2:%x:%s:Z" % (len(content), content)


def fingerprint(modulus):
    """16 hex digits that stand at the end of the user name: SHA-1 over the little-endian modulus, digest reversed,
    padded to 24 bytes, three 8-byte parts XORed."""
    digest = hashlib.sha1(modulus.to_bytes(256, "little")).digest()[::-1] + bytes(4)
    value = 0
    for part in range(0, 24, 8):
        value ^= int.from_bytes(digest[part:part + 8], "big")
    return f"{value:016x}"


def fingerprint_in(user):
    """The fingerprint that a user name carries, None without one."""
    if len(user) > 19 and user.endswith(">") and user[-19:-17] == "-<":
        digits = user[-17:-1]
        if all(digit in "0123456789abcdef" for digit in digits):
            return digits
    return None


def verify_with_openssl(modulus, exponent, signature, signed):
    """Second opinion on a signature by another program; True if `openssl dgst` accepts it."""
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with tempfile.NamedTemporaryFile() as pem, tempfile.NamedTemporaryFile() as sign:
        pem.write(key)
        pem.flush()
        sign.write(signature)
        sign.flush()
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", pem.name, "-signature", sign.name], input=signed,
                              capture_output=True, timeout=10, check=False)
    return done.returncode == 0


# ---------------------------------------------------------------------------------------------------------- core


class Peer:
    def __init__(self, user, host, address, port, flags, nick, group, updated):
        self.user, self.host, self.address, self.port = user, host, address, port
        self.flags, self.nick, self.group, self.updated = flags, nick, group, updated


class WindowsCore:
    """The rules of one client. `now` is seconds; whatever goes out collects in `out` as (bytes, address, port)."""

    keys = None  # one RSA key serves all clients of a test run: making one takes a second

    def __init__(self, name, host, address, broadcast, group="", ipdict=True, charset="cp932", seed=1, also=()):
        """`also`: the extra broadcast list of its settings, addresses of other segments that hear its entries, too."""
        if WindowsCore.keys is None:
            WindowsCore.keys = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = WindowsCore.keys.public_key().public_numbers()
        self.modulus = numbers.n
        self.user = f"{name}-<{fingerprint(numbers.n)}>"
        self.nick, self.host, self.address, self.broadcast, self.group = name, host, address, broadcast, group
        self.state = STATE_WORD if ipdict else STATE_WORD & ~CAPIPDICTOPT
        self.charset = charset
        self.random = random.Random(seed)
        self.number = 1700000000
        self.peers = {}      # (user, host) in lower case -> Peer
        self.also = tuple(also)
        self.dialup = set()  # (address, port)
        self.greyed = set()  # users that were dropped and stay in the send window
        self.contacts = {}   # (UID, HID) of every sender of a signed packet -> nickname
        self.known_keys = {}  # (UID, HID) -> (modulus, exponent)
        self.timers = []     # (due, order, function)
        self.order = 0
        self.waiting = []    # (address, port, flags) that wait for our ANSENTRY
        self.answer_due = None
        self.window_open = False
        self.window_due = None
        self.last_refresh = None
        self.absence = ""
        self.messages = []
        self.out = []
        # What the tests look at:
        self.servers = set()      # addresses whose packets are checked as those of the server
        self.violations = []      # sentences
        self.lists_taken = 0      # ANSLIST chunks
        self.lists_refused = 0    # dropped because the window was closed
        self.signed_taken = 0     # ANSLIST_DICT packets
        self.list_starts = []     # times of unasked lists, one for each burst of packets
        self.last_list_packet = None
        self.asked_until = -1.0   # our GETLIST is open till then
        self.entries_from_server = []
        self.key_asked = {}       # address -> time of our GETPUBKEY
        self.received = {}        # (address, mode) -> count

    # -- sending ---------------------------------------------------------------------------------------------------

    def _packet(self, word, body=b""):
        self.number += 1
        return b"1:%d:%s:%s:%d:" % (self.number, self.user.encode(), self.host.encode(), word) + body

    def _send(self, word, body, address, port=PORT):
        self.out.append((self._packet(word, body), address, port))

    def _shown_nick(self):
        return self.nick + (f"[{self.absence}]" if self.absence else "")

    def _entry_body(self):
        nick = self._shown_nick()
        lines = f"\nUN:{self.user}\nHN:{self.host}\nNN:{nick}\nGN:{self.group}\nVS:{VERSION}"
        return (nick.encode(self.charset, "replace") + b"\0" + self.group.encode(self.charset, "replace") + b"\0" +
                lines.encode())

    def _word(self, mode):
        return self.state | mode | (ABSENCEOPT if self.absence else 0)

    def _announce(self, mode, now, dialup):
        """NOOPERATION, 250 ms later the packet itself to the broadcast address (and each dial-up host)."""
        everybody = [(address, PORT) for address in (self.broadcast, *self.also)]
        for address, port in everybody:
            self._send(self._word(NOOP), self._entry_body(), address, port)

        def second():
            for address, port in everybody + (sorted(self.dialup) if dialup else []):
                self._send(self._word(mode), self._entry_body(), address, port)

        self._at(now + 0.25, second)

    def _at(self, due, function):
        self.order += 1
        self.timers.append((due, self.order, function))

    def start(self, now):
        self.last_refresh = now
        self._enter(now)

    def _enter(self, now):
        self.window_open, self.window_due = True, None
        self._announce(BR_ENTRY, now, dialup=True)

        def copy():
            for address, port in [(address, PORT) for address in (self.broadcast, *self.also)] + sorted(self.dialup):
                self._send(self._word(BR_ENTRY), self._entry_body(), address, port)

        self._at(now + 5.25, copy)

    def refresh(self, now):
        recent = self.last_refresh is not None and now - self.last_refresh <= 10
        for key, peer in list(self.peers.items()):
            if not recent or now - peer.updated > 10:
                self.greyed.add(peer.address)
                self.dialup.discard((peer.address, peer.port))
                del self.peers[key]
        if not recent:
            self.dialup.clear()
        self.last_refresh = now
        self._enter(now)

    def set_absence(self, title, now):
        self.absence = title
        self._announce(BR_ABSENCE, now, dialup=True)

    def leave(self, now):
        """The exit of a user: two pairs of NOOPERATION and BR_EXIT."""
        self._announce(BR_EXIT, now, dialup=True)
        self._at(now + 0.35, lambda: self._announce(BR_EXIT, now + 0.35, dialup=True))
        return now + 0.7

    # -- time ------------------------------------------------------------------------------------------------------

    def next_due(self):
        times = [due for due, _, _ in self.timers]
        times += [due for due in (self.answer_due, self.window_due) if due is not None]
        return min(times) if times else None

    def tick(self, now):
        for item in sorted(self.timers[:], key=lambda one: one[:2]):
            if item[0] <= now:
                self.timers.remove(item)
                item[2]()
        if self.answer_due is not None and self.answer_due <= now:
            self.answer_due = None
            for address, port, flags in self.waiting:
                self._answer(address, port, flags)
            self.waiting = []
        if self.window_due is not None and self.window_due <= now:
            self.window_due, self.window_open = None, False

    def _answer(self, address, port, flags):
        utf8 = bool(flags & CAPUTF8OPT)
        charset = "utf-8" if utf8 else self.charset
        body = (self._shown_nick().encode(charset, "replace") + b"\0" + self.group.encode(charset, "replace") +
                b"\0\nVS:" + VERSION.encode())
        self._send(self._word(ANSENTRY) | (UTF8OPT if utf8 else 0), body, address, port)

    # -- receiving -------------------------------------------------------------------------------------------------

    def blame(self, address, what):
        if address in self.servers:
            self.violations.append(f"{self.nick}: {what}")

    def receive(self, data, address, port, now):
        if address == self.address:
            return
        if len(data) > 32767:
            self.blame(address, f"a packet of {len(data)} bytes is cut")
        if port != PORT:
            self.blame(address, f"a packet left from port {port}; the client now keeps that port for it")
        try:
            if data.startswith(b"IP2:"):
                self._receive_dict(data, address, now)
            else:
                self._receive_classic(data, address, port, now)
        except Malformed as error:
            self.blame(address, f"malformed packet ({error}): {data[:60]!r}")

    def _receive_classic(self, data, address, port, now):
        packet = Packet(data)
        key = (address, packet.mode)
        self.received[key] = self.received.get(key, 0) + 1
        if packet.user.lower() == self.user.lower() and packet.host.lower() == self.host.lower():
            return
        mode = packet.mode
        if mode in (BR_ENTRY, ANSENTRY, BR_ABSENCE):
            self._receive_entry(packet, address, port, now)
        elif mode == BR_EXIT:
            self._remove_address(address)
        elif mode == OKGETLIST:
            if self.window_open:
                self.asked_until = now + 3
                self._send(GETLIST, b"\0", address, port)
        elif mode == GETLIST:
            self._give_list(packet, address, port)
        elif mode == ANSLIST:
            self._receive_list(data, packet, address, port, now)
        elif mode == BR_ISGETLIST2:
            self._send(OKGETLIST, b"\0", address, port)
        elif mode == GETINFO:
            self._send(SENDINFO, b"Win(en)Ver4.99r3(x64)\0", address, port)
        elif mode == GETABSENCEINFO:
            self._send(SENDABSENCEINFO, (self.absence or "Not Absence mode").encode() + b"\0", address, port)
        elif mode == GETPUBKEY:
            if not packet.flags & AUTORETOPT:
                self._ask_key(address, port, now)
            self._send(ANSPUBKEY, b"%x:10001-%0512x\0" % (KEY_MASK, self.modulus), address, port)
        elif mode == ANSPUBKEY:
            self._receive_key(packet, address)
        elif mode == SENDMSG:
            self.messages.append((address, packet.nick))
            if packet.flags & SENDCHECKOPT:
                self._send(RECVMSG, b"%d\0" % packet.number, address, port)
            if self.peer_at(address) is None:
                self._send(self._word(BR_ENTRY), self._entry_body(), address, port)

    def _receive_entry(self, packet, address, port, now):
        if address in self.servers:
            self._check_server_entry(packet, address, now)
        digits = fingerprint_in(packet.user)
        if digits and not packet.flags & ENCRYPTOPT:
            self.blame(address, "a name with a fingerprint came without ENCRYPTOPT, such a packet is dropped")
            return
        if packet.mode == BR_ENTRY and packet.flags & DIALUPOPT:
            self.dialup.add((address, port))
        is_master = packet.flags & DIR_MASTER and packet.flags & ENCRYPTOPT and packet.flags & CAPUTF8OPT and digits
        if is_master and packet.mode in (BR_ENTRY, ANSENTRY):
            self._ask_key(address, port, now)
        if packet.mode == BR_ENTRY:
            if not self.waiting:
                known = len(self.peers)
                span = 1.023 if known < 50 else 2.047 if known < 300 else 4.095
                self.answer_due = now + 0.005 + self.random.random() * span
            if all(waiting[0] != address for waiting in self.waiting):
                self.waiting.append((address, port, packet.flags))
        self._add(Peer(packet.user, packet.host, address, port, packet.flags & ~0xFF, packet.nick, packet.group, now))

    def _check_server_entry(self, packet, address, now):
        if packet.mode == BR_ENTRY:
            self.entries_from_server = [at for at in self.entries_from_server if now - at < 10] + [now]
            if len(self.entries_from_server) > 10:
                self.blame(address, f"{len(self.entries_from_server)} BR_ENTRY within 10 s")
            if not packet.flags & DIALUPOPT:
                self.blame(address, "BR_ENTRY without DIALUPOPT, it will hear of no exit")
        if not packet.flags & CAPUTF8OPT:
            self.blame(address, "entry without CAPUTF8OPT, the answer comes in an old code page")
        for name in (packet.user, packet.host, packet.nick, packet.group):
            if len(name.encode()) > 79:
                self.blame(address, "a name longer than 79 bytes is cut")

    def _add(self, new):
        """Adds or updates as an entry packet does: user and host are the identity, the address comes second."""
        key = (new.user.lower(), new.host.lower())
        if key == (self.user.lower(), self.host.lower()):
            return
        old = self.peers.get(key)
        if old is not None and old.address != new.address and new.updated - old.updated < LIST_PAUSE:
            old.updated = new.updated
            return
        for other, peer in list(self.peers.items()):
            if other != key and peer.address == new.address:
                del self.peers[other]
        self.peers[key] = new
        self.greyed.discard(new.address)

    def _remove_address(self, address):
        for key, peer in list(self.peers.items()):
            if peer.address == address:
                self.greyed.add(address)
                self.dialup.discard((peer.address, peer.port))
                del self.peers[key]
        self.dialup.discard((address, PORT))

    def peer_at(self, address):
        return next((peer for peer in self.peers.values() if peer.address == address), None)

    # -- keys ------------------------------------------------------------------------------------------------------

    def _ask_key(self, address, port, now):
        self.key_asked.setdefault(address, now)
        self._send(GETPUBKEY | AUTORETOPT, b"%x\0" % KEY_MASK, address, port)

    def _receive_key(self, packet, address):
        try:
            _, rest = packet.body.split(b":")
            exponent, modulus = (int(part, 16) for part in rest.split(b"-"))
        except ValueError as error:
            raise Malformed("ANSPUBKEY") from error
        self.key_asked[address] = None
        digits = fingerprint_in(packet.user)
        if digits and digits != fingerprint(modulus):
            self.blame(address, "the public key does not match the fingerprint of the name")
            return
        self.known_keys.setdefault((packet.user, packet.host), (modulus, exponent))

    def unanswered_keys(self, now):
        """Servers that were asked for their key more than 5 s ago and did not answer."""
        return [address for address, at in self.key_asked.items() if at is not None and now - at > 5]

    # -- lists -----------------------------------------------------------------------------------------------------

    def _note_list(self, address, now, asked):
        """The pause between two lists that nobody asked for; packets of one list follow each other closely."""
        if asked:
            return
        if self.last_list_packet is None or now - self.last_list_packet > 1.0:
            if self.list_starts and now - self.list_starts[-1] < LIST_PAUSE - 0.1:
                self.blame(address, f"two lists within {now - self.list_starts[-1]:.1f} s, at least 7 s must lie between")
            self.list_starts.append(now)
        self.last_list_packet = now

    def _check_listed(self, giver, address, user, flags):
        if address == self.address:
            self.blame(giver, "the list names the receiver himself")
        elif same_segment(address, self.address, self.broadcast):
            self.blame(giver, f"the list names {address} of the receiver's own segment")
        if fingerprint_in(user) and flags and not flags & ENCRYPTOPT:
            self.blame(giver, f"the list took ENCRYPTOPT from {user}, such an entry is skipped")

    def _receive_list(self, data, packet, address, port, now):
        body = data.split(b":", 5)[5].rstrip(b"\0")
        fields = body.split(BEL)
        if len(fields) < 2:
            raise Malformed("ANSLIST")
        try:
            more, count = int(fields[0]), int(fields[1])
        except ValueError as error:
            raise Malformed("ANSLIST numbers") from error
        asked = now <= self.asked_until
        self._note_list(address, now, asked)
        if not self.window_open:
            self.lists_refused += 1
            return
        self.lists_taken += 1
        items = fields[2:-1] if fields[-1] == b"" else fields[2:]
        if b"" in items:
            self.blame(address, "an empty field in ANSLIST shifts all others")
            items = [item for item in items if item != b""]
        entries = [items[at:at + 7] for at in range(0, len(items) - 6, 7)]
        if len(entries) != count or len(items) % 7:
            self.blame(address, f"ANSLIST says {count} users and holds {len(items) / 7:g}")
        charset = "utf-8" if packet.flags & UTF8OPT else self.charset
        for entry in entries:
            self._apply_list_entry([text_of(field, charset) for field in entry], address, now)
        if more > 0:
            self.window_due = now + 3
            self.asked_until = now + 3
            self._send(GETLIST, b"%d\0" % more, address, port)
        else:
            self.window_open, self.window_due = False, None
            self.asked_until = -1.0

    def _apply_list_entry(self, fields, giver, now):
        user, host, status, address, port, nick, group = fields
        flags, written = int(status), int(port)
        if flags == 0 or flags & 0xFF == BR_EXIT:
            self._remove_address(address)
            return
        if written != 30985:
            self.blame(giver, f"port {written} in ANSLIST; 2425 is written 30985")
        self._check_listed(giver, address, user, flags)
        if fingerprint_in(user) and not flags & ENCRYPTOPT:
            return
        swapped = (written >> 8) | (written & 0xFF) << 8
        if flags & DIALUPOPT:
            self.dialup.add((address, swapped))
        self._add(Peer(user, host, address, swapped, flags, "" if nick == BS else nick, "" if group == BS else group, now))

    def _give_list(self, packet, address, port):
        start = int(packet.body or b"0")
        everybody = [(self.user, self.host, self.state, self.address, PORT, self._shown_nick(), self.group)]
        everybody += [(p.user, p.host, p.flags, p.address, p.port, p.nick, p.group) for p in self.peers.values()]
        chunk, size = [], 0
        for user, host, flags, where, peer_port, nick, group in everybody[start:]:
            swapped = (peer_port >> 8) | (peer_port & 0xFF) << 8
            row = BEL.join(str(field).encode() for field in
                           (user, host, flags, where, swapped, nick or BS, group or BS)) + BEL
            if size + len(row) > 32 * 1024 - 80:
                break
            chunk.append(row)
            size += len(row)
        following = start + len(chunk)
        more = following if following < len(everybody) else 0
        self._send(ANSLIST | UTF8OPT, b"%5d\x07%5d\x07" % (more, len(chunk)) + b"".join(chunk) + b"\0", address, port)

    # -- IPDict ----------------------------------------------------------------------------------------------------

    def _receive_dict(self, data, address, now):
        if not self.state & CAPIPDICTOPT:
            self.blame(address, "an IPDict packet went to a client that did not announce CAPIPDICTOPT")
            return
        pairs = read_dict(dict_content(data))
        values = dict(pairs)
        for key in ("VER", "PKT", "UID", "HID", "CMD", "FLG"):
            if key not in values:
                raise Malformed("IPDict without " + key)
        mode = int(values["CMD"], 16)
        self.received[(address, mode)] = self.received.get((address, mode), 0) + 1
        who = (values["UID"].decode(), values["HID"].decode())
        if "SIGN" in values:
            if self.contacts and who not in self.contacts:
                self.blame(address, f"a second name {who} for signed packets; each one stays in the send window")
            self.contacts[who] = values.get("NCK", b"").decode()
        if mode != ANSLIST_DICT:
            if mode >= 0xB0:
                self.blame(address, f"member-master command {mode:#x} to a client without a master")
            return
        if not self._is_signature_good(pairs, values, who, address):
            return
        self._note_list(address, now, asked=False)
        self._apply_signed_list(values, address, now)

    def _is_signature_good(self, pairs, values, who, address):
        if "SIGN" not in values or pairs[-1][0] != "SIGN":
            self.blame(address, "a list without SIGN as its last key is dropped")
            return False
        signed = pack_dict(b":".join(b"%s:%x:%s" % (key.encode(), len(value), value) for key, value in pairs[:-1]))
        if who in self.known_keys:
            modulus, exponent = self.known_keys[who]
        elif "PUBN" in values and "PUBE" in values:
            modulus, exponent = int.from_bytes(values["PUBN"], "big"), int(values["PUBE"], 16)
            digits = fingerprint_in(who[0])
            if digits and digits != fingerprint(modulus):
                self.blame(address, "the key in the list does not match the fingerprint of the name")
                return False
        else:
            self.blame(address, "a list of an unknown sender without its key")
            return False
        try:
            rsa.RSAPublicNumbers(exponent, modulus).public_key().verify(values["SIGN"], signed, padding.PKCS1v15(),
                                                                       hashes.SHA256())
        except (InvalidSignature, ValueError):
            self.blame(address, "the signature of a list is wrong")
            return False
        self.known_keys.setdefault(who, (modulus, exponent))
        return True

    def _apply_signed_list(self, values, giver, now):
        entries = [dict(read_dict(item)) for item in read_list(values.get("HLST", b""))]
        if "NUM" not in values or int(values["NUM"], 16) != len(entries) or not entries:
            self.blame(giver, f"NUM is {values.get('NUM')!r} in a list of {len(entries)}; it is dropped whole")
            return
        self.signed_taken += 1
        for entry in entries:
            missing = [key for key in ("UID", "HID", "STAT", "IPAD", "PORT") if key not in entry]
            if missing:
                self.blame(giver, f"list entry without {missing}")
                continue
            address = entry["IPAD"].decode()
            if int(entry.get("ACT", b"0"), 16) != 1:
                self._remove_address(address)
                continue
            flags, port, user = int(entry["STAT"], 16), int(entry["PORT"], 16), entry["UID"].decode()
            if port != PORT:
                self.blame(giver, f"port {port} in a signed list; it is in host order there")
            self._check_listed(giver, address, user, flags)
            if fingerprint_in(user) and not flags & ENCRYPTOPT:
                continue
            if flags & DIALUPOPT:
                self.dialup.add((address, port))
            self._add(Peer(user, entry["HID"].decode(), address, port, flags, entry.get("NCK", b"").decode(),
                           entry.get("GRP", b"").decode(), now))


def same_segment(first, second, broadcast):
    """Both in the segment with this broadcast address; the lab has only /24."""
    net = broadcast.rsplit(".", 1)[0]
    return first.rsplit(".", 1)[0] == net == second.rsplit(".", 1)[0]


def packed_ip_line(master):
    """The IP: line of a client that has a member master configured."""
    content = b"SVADR:%x:%s" % (len(master), master.encode())
    return "\nIP:" + base64.b64encode(pack_dict(content)).decode()


# ------------------------------------------------------------------------------------------------ on the lab network


class WindowsClient:
    """One core with its socket on a machine of the lab. All calls are safe from the test's thread."""

    def __init__(self, hall, host, name, group="", ipdict=True, servers=(), address=None, also=()):
        """`address`: one of several addresses of the machine; such a client hears no broadcasts."""
        self.hall = hall
        self.host = host
        self.name = name
        self.address = address or host.address
        broadcast = self.address.rsplit(".", 1)[0] + ".255"
        self.core = WindowsCore(name, "PC-" + name.upper(), self.address, broadcast, group, ipdict,
                                seed=len(hall.clients) + 1, also=also)
        self.core.servers = set(servers)
        with host.network():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self.socket.bind((address or "0.0.0.0", PORT))
        self.socket.setblocking(False)
        self.is_closed = False
        with hall.lock:
            hall.clients.append(self)
            hall.selector.register(self.socket, selectors.EVENT_READ, self)
            self.core.start(time.monotonic())
            self.flush()

    def flush(self):
        for data, address, port in self.core.out:
            try:
                self.socket.sendto(data, (address, port))
            except OSError:  # "unreachable" of an earlier packet, as on Windows: nothing to do
                pass
        self.core.out = []

    def do(self, function):
        """Runs function(core, now) between two packets."""
        with self.hall.lock:
            result = function(self.core, time.monotonic())
            if not self.is_closed:
                self.flush()
            return result

    def sees(self):
        return self.do(lambda core, now: {peer.address for peer in core.peers.values()} - core.servers)

    def refresh(self):
        self.do(lambda core, now: core.refresh(now))

    def figures(self):
        """What came in lists so far."""
        return self.do(lambda core, now: {"chunks": core.lists_taken, "refused": core.lists_refused,
                                          "signed": core.signed_taken, "lists": len(core.list_starts)})

    def violations(self):
        def look(core, now):
            late = [f"{core.nick}: {address} did not answer GETPUBKEY" for address in core.unanswered_keys(now)]
            return core.violations + late
        return self.do(look)

    def leave(self):
        """The user ends the program: it says goodbye twice, then its port is closed."""
        end = self.do(lambda core, now: core.leave(now))
        while time.monotonic() < end + 0.05:
            time.sleep(0.02)
        self.kill()

    def kill(self):
        """Gone without a word; its port answers "unreachable" as that of a machine whose client crashed."""
        with self.hall.lock:
            if not self.is_closed:
                self.is_closed = True
                self.hall.selector.unregister(self.socket)
                self.socket.close()


class WindowsHall:
    """Runs the clients of a test in one thread."""

    def __init__(self):
        self.lock = threading.RLock()
        self.clients = []
        self.selector = selectors.DefaultSelector()
        self.is_stopping = False
        self.failure = None
        self.thread = threading.Thread(target=self._run, name="windows clients", daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_stopping = True
        self.thread.join(timeout=5)
        for client in self.clients:
            client.kill()
        self.selector.close()

    def violations(self):
        if self.failure:
            raise AssertionError(f"the scripted clients broke: {self.failure!r}")
        return [line for client in self.clients for line in client.violations()]

    def _run(self):
        try:
            while not self.is_stopping:
                events = self.selector.select(timeout=0.01)
                with self.lock:
                    self._step(events)
        except Exception as error:  # shown by violations(): a broken client must not look like a silent one
            self.failure = error

    def _step(self, events):
        for key, _ in events:
            client = key.data
            for _ in range(200):
                if client.is_closed:
                    break
                try:
                    data, (address, port) = client.socket.recvfrom(65535)
                except BlockingIOError:
                    break
                except OSError:  # an "unreachable" report on the socket
                    continue
                client.core.receive(data, address, port, time.monotonic())
        now = time.monotonic()
        for client in self.clients:
            if not client.is_closed:
                client.core.tick(now)
                client.flush()
