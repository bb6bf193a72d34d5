"""Answers as Active Directory does, from recorded ones: sub-codes of refused binds, the root entry, nested groups by the
matching rule. Only what a login needs; filters are looked at for the names in them."""

import struct

IN_CHAIN = b"1.2.840.113556.1.4.1941"
ACCOUNT = "CN={name},CN=Users,DC=ad,DC=test"
DIAGNOSTIC = "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {code}, v4563\0"


def ber(tag, *parts):
    body = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    size = len(body)
    head = bytes([size]) if size < 128 else b"\x84" + struct.pack(">I", size)
    return bytes([tag]) + head + body


def read_ber(data):
    """(tag, body, rest)"""
    size, at = data[1], 2
    if size & 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(data[2:2 + count], "big"), 2 + count
    return data[0], data[at:at + size], data[at + size:]


def parts_of(body):
    found = []
    while body:
        tag, inner, body = read_ber(body)
        found.append((tag, inner))
    return found


class FakeActiveDirectory:
    """`users`: name -> (password, sub-code that a bind gets although the password is right, groups he is nested in)."""

    def __init__(self, users):
        self.users = users
        self.asked_in_chain = 0

    def __call__(self, connection):
        stream = connection.makefile("rb")
        while True:
            head = stream.read(2)
            if len(head) < 2:
                return
            extra = stream.read(head[1] & 0x7F) if head[1] & 0x80 else b""
            size = int.from_bytes(extra, "big") if extra else head[1]
            (_, number), (tag, request), *_ = parts_of(stream.read(size))
            for answer in self.answers(tag, request):
                connection.sendall(ber(0x30, ber(2, number), answer))

    def result(self, tag, code=0, text=""):
        return ber(tag, ber(10, bytes([code])), ber(4, ""), ber(4, text))

    def answers(self, tag, request):
        if tag == 0x60:
            yield self.bind(request)
        elif tag == 0x63:
            yield from self.search(request)

    def bind(self, request):
        (_, _), (_, name), (_, password) = parts_of(request)[:3]
        name = name.decode()
        if (name, password) == ("reader@ad.test", b"reader secret"):
            return self.result(0x61)
        for user, (wanted, code, _) in self.users.items():
            if name.lower() in (ACCOUNT.format(name=user).lower(), f"{user}@ad.test"):
                code = code if password.decode() == wanted else "52e"
                return self.result(0x61) if not code else self.result(0x61, 49, DIAGNOSTIC.format(code=code))
        return self.result(0x61, 49, DIAGNOSTIC.format(code="525" if "CN=" in name else "52e"))

    def search(self, request):
        (_, base), (_, scope), _, _, _, _, (filter_tag, filter_body) = parts_of(request)[:7]
        base = base.decode()
        if not base and scope == b"\0":
            yield self.entry("", supportedCapabilities=["1.2.840.113556.1.4.800"])
        for user, (_, code, groups) in self.users.items():
            dn = ACCOUNT.format(name=user)
            if base.lower() == dn.lower():
                self.asked_in_chain += IN_CHAIN in filter_body
                if filter_tag == 0xA9 and any(group.encode() in filter_body for group in groups):
                    yield self.entry(dn)
            elif filter_tag == 0xA0 and b"sAMAccountName\x04" + bytes([len(user)]) + user.encode() in filter_body:
                yield self.entry(dn, sAMAccountName=[user], displayName=[user.capitalize()], department=["Sales"],
                                 userAccountControl=["514" if code == "533" else "512"])
        yield self.result(0x65)

    def entry(self, dn, **attributes):
        lists = [ber(0x30, ber(4, name), ber(0x31, *[ber(4, value) for value in values]))
                 for name, values in attributes.items()]
        return ber(0x64, ber(4, dn), ber(0x30, *lists))
