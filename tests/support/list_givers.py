"""A crowd of clients on loopback addresses that answer as IP Messenger for Windows does and give their list (GETLIST).
What each of them shows is decided by a rule, not by packets: for the visibility map and its bench. One thread."""

import resource
import selectors
import socket
import threading

PORT = 2425
BR_ENTRY, ANSENTRY, GETLIST, ANSLIST, GETINFO, SENDINFO = 1, 3, 18, 19, 64, 65
STATE_WORD = 0x0F640000
UTF8OPT = 0x800000
BEL = b"\x07"
CHUNK = 32 * 1024 - 80


class ListGivers:
    """`names`: address -> shown name; `sees(observer, subject)`: by address; `silent`: give no list; `others`: addresses of
    other clients that stand in the lists, too."""

    def __init__(self, names, sees, silent=(), others=()):
        wanted = len(names) + 200
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))
        self.names, self.sees, self.silent = {**names, **{each: each for each in others}}, sees, set(silent)
        self.lists_asked = {}  # address -> lists that were begun
        self.packets_in = self.packets_out = self.bytes_out = 0
        self.rows = {address: self._row(address) for address in self.names}
        self.is_stopping = False
        self.number = 1700000000
        self.selector = selectors.DefaultSelector()
        for address in names:
            endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            endpoint.setblocking(False)
            endpoint.bind((address, PORT))
            self.selector.register(endpoint, selectors.EVENT_READ, address)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_stopping = True
        self.thread.join(timeout=5)
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()

    def _row(self, address):
        user = ("u" + address.replace(".", "-")).encode()
        fields = (user, user.replace(b"u", b"pc-", 1), b"%d" % STATE_WORD, address.encode(), b"30985",
                  self.names[address].encode(), b"Staff")
        return BEL.join(fields) + BEL

    def _list(self, address, start):
        rows = [self.rows[address]] + [row for each, row in self.rows.items() if each != address and self.sees(address, each)]
        chunk, size = [], 0
        for row in rows[start:]:
            if size + len(row) > CHUNK:
                break
            chunk.append(row)
            size += len(row)
        following = start + len(chunk)
        more = following if following < len(rows) else 0
        return b"%5d\x07%5d\x07" % (more, len(chunk)) + b"".join(chunk) + b"\0"

    def _answer(self, address, data):
        fields = data.split(b":", 5)
        if len(fields) < 5 or not fields[4].isdigit():
            return None
        mode = int(fields[4]) & 0xFF
        user = ("u" + address.replace(".", "-")).encode()
        head = b"1:%d:%s:%s:" % (self.number, user, user.replace(b"u", b"pc-", 1))
        if mode == BR_ENTRY:
            return head + b"%d:%s\0Staff\0\nVS:00010002:4:99:103" % (STATE_WORD | UTF8OPT | ANSENTRY, self.names[address].encode())
        if mode == GETINFO:
            return head + b"%d:Win(en)Ver4.99r3(x64)\0" % SENDINFO
        if mode == GETLIST and address not in self.silent:
            body = fields[5].split(b"\0")[0] if len(fields) == 6 else b""
            start = int(body) if body.isdigit() else 0
            if start == 0:
                self.lists_asked[address] = self.lists_asked.get(address, 0) + 1
            return head + b"%d:" % (ANSLIST | UTF8OPT) + self._list(address, start)
        return None

    def _run(self):
        while not self.is_stopping:
            for key, _ in self.selector.select(timeout=0.05):
                try:
                    data, sender = key.fileobj.recvfrom(65535)
                except OSError:
                    continue
                self.packets_in += 1
                answer = self._answer(key.data, data)
                if answer is None:
                    continue
                self.number += 1
                try:
                    key.fileobj.sendto(answer, (sender[0], PORT))
                except OSError:
                    continue
                self.packets_out += 1
                self.bytes_out += len(answer)
