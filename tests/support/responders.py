"""A crowd of simple clients on loopback addresses, all in one thread: each answers BR_ENTRY with ANSENTRY at once, as
iptux does, from its own address and port 2425. For sweeps over many addresses."""

import resource
import selectors
import socket
import threading

PORT = 2425


class Responders:
    def __init__(self, addresses):
        wanted = len(addresses) + 200
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))
        self.asked = {}  # address -> how many BR_ENTRY it got
        self.is_stopping = False
        self.selector = selectors.DefaultSelector()
        for address in addresses:
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

    def _run(self):
        number = 1
        while not self.is_stopping:
            for key, _ in self.selector.select(timeout=0.05):
                try:
                    data, sender = key.fileobj.recvfrom(65535)
                except OSError:
                    continue
                fields = data.split(b":", 5)
                if len(fields) < 5 or not fields[4].isdigit() or int(fields[4]) & 0xFF != 1:
                    continue
                number += 1
                self.asked[key.data] = self.asked.get(key.data, 0) + 1
                name = key.data.replace(".", "-").encode()
                answer = (b"1_iptux 0.8.3:%d:root:pc-%s:259:User %s\0Crowd\0icon-tux.png\0utf-8\0" % (number, name, name))
                try:
                    key.fileobj.sendto(answer, (sender[0], PORT))
                except OSError:
                    continue
