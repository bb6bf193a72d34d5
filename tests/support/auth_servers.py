"""Real directory servers for tests, each in a folder of its own on loopback, and servers that misbehave.

Everything that is started here is ended by its process id when the Servers object closes.
"""

import contextlib
import ctypes
import datetime
import hashlib
import hmac
import http.server
import ipaddress
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
PASSWORD = "open sesame"


def enter_own_network(names):
    """A network of our own, where all ports are free, with these names for 127.0.0.1."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare: this test needs root")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w", delete=False) as hosts:
        hosts.write("127.0.0.1 localhost " + " ".join(names) + "\n")
    os.chmod(hosts.name, 0o644)
    subprocess.run(["mount", "--bind", hosts.name, "/etc/hosts"], check=True)
    os.unlink(hosts.name)


def wait_for(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Authority:
    """A certificate authority and what it signs."""

    def __init__(self, folder, name="Test Authority"):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.name, self.key.public_key(), is_authority=True, days=(-400, 3650))
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        (folder / "ca.pem").write_text(self.pem)

    def _sign(self, subject, key, is_authority, days, names=()):
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now + datetime.timedelta(days=days[0]))
                   .not_valid_after(now + datetime.timedelta(days=days[1]))
                   .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True))
        if names:
            alternatives = []
            for name in names:
                try:
                    alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
                except ValueError:
                    alternatives.append(x509.DNSName(name))
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, label, names, days=(-300, 300)):
        """Files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._sign(subject, key.public_key(), is_authority=False, days=days, names=names)
        paths = (self.folder / f"{label}.pem", self.folder / f"{label}.key")
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        return paths


class Servers(contextlib.ExitStack):
    """Folder, authority, and everything that was started; ends it all."""

    def __enter__(self):
        super().__enter__()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="causeway-auth-"))
        self.callback(shutil.rmtree, self.folder, True)
        self.folder.chmod(0o711)
        self.authority = Authority(self.folder)
        self.certificate = self.authority.issue("server", ["dc1.corp.test", "127.0.0.1"])
        self.expired = self.authority.issue("expired", ["dc1.corp.test", "127.0.0.1"], days=(-300, -2))
        self.wrong_name = self.authority.issue("wrong", ["other.corp.test"])
        return self

    def start(self, name, command, user=None):
        log = open(self.folder / f"{name}.log", "wb")
        arguments = {}
        if user:
            entry = pwd.getpwnam(user)
            arguments = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True, **arguments)
        log.close()
        self.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def wait_listening(self, name, process, port):
        def ready():
            assert process.poll() is None, f"{name} ended: {self.log(name)[-2000:]}"
            return listens(port)
        wait_for(ready, f"{name} on port {port}")


# LDAP

def entry(dn, **attributes):
    lines = [f"dn: {dn}"]
    for name, values in attributes.items():
        for value in values if isinstance(values, list) else [values]:
            lines.append(f"{name.rstrip('_')}: {value}")
    return "\n".join(lines) + "\n\n"


def person(tree, name, ou="people", **more):
    given = {"objectClass": "inetOrgPerson", "uid": name, "cn": name.capitalize(), "sn": name.capitalize(),
             "mail": f"{name}@corp.test", "userPassword": PASSWORD}
    given.update(more)
    return entry(f"uid={name},ou={ou},dc={tree},dc=test", **given)


def tree_ldif(tree, people):
    base = f"dc={tree},dc=test"
    text = entry(base, objectClass=["dcObject", "organization"], dc=tree, o=tree)
    for ou in ("people", "groups", "many", "policies"):
        text += entry(f"ou={ou},{base}", objectClass="organizationalUnit", ou=ou)
    return text + people


def corp_ldif(many):
    base = "dc=corp,dc=test"
    text = tree_ldif("corp", "")
    text += entry(f"cn=reader,{base}", objectClass=["organizationalRole", "simpleSecurityObject"], cn="reader",
                  userPassword="reader secret")
    text += entry(f"cn=default,ou=policies,{base}", objectClass=["device", "pwdPolicy"], cn="default",
                  pwdAttribute="userPassword", pwdLockout="TRUE", pwdMaxFailure="5", pwdLockoutDuration="3600",
                  pwdMustChange="TRUE")
    text += person("corp", "ann", displayName="Ann Lee", departmentNumber="42", ou_="Sales", jpegPhoto="photo" * 100)
    for name in ("bob", "carol", "dave", "locked", "twin", "comma"):
        text += person("corp", name)
    text += person("corp", "mustchange", pwdReset="TRUE")
    text += entry(f"uid=o\\2cdd,ou=people,{base}", objectClass="inetOrgPerson", uid="odd", cn="Odd, One", sn="Odd",
                  userPassword=PASSWORD)
    for number in range(many):
        name = f"u{number:04}"
        text += entry(f"uid={name},ou=many,{base}", objectClass="inetOrgPerson", uid=name, cn=f"User {number}", sn="User",
                      mail=f"{name}@corp.test")
    def group(name, *members):
        return entry(f"cn={name},ou=groups,{base}", objectClass="groupOfNames", cn=name, member=list(members))
    text += group("chat", f"cn=engineers,ou=groups,{base}", f"uid=bob,ou=people,{base}")
    text += group("engineers", f"cn=backend,ou=groups,{base}")
    text += group("backend", f"uid=ann,ou=people,{base}")
    text += group("loop1", f"cn=loop2,ou=groups,{base}", f"uid=dave,ou=people,{base}")
    text += group("loop2", f"cn=loop1,ou=groups,{base}")
    return text


SLAPD = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSCACertificateFile {ca}
{security}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=corp,dc=test" read by self read by * none
"""
DATABASE = """
database mdb
suffix dc={tree},dc=test
rootdn cn=admin,dc={tree},dc=test
maxsize 268435456
directory {folder}/{tree}
limits dn.exact="cn=reader,dc=corp,dc=test" size={limit} time=unlimited
dbnosync
index objectClass,uid,member eq
"""


def start_slapd(servers, port, name="slapd", certificate=None, trees=True, many=0, limit="unlimited", security=""):
    """slapd with three trees; ldap on `port`, ldaps on `port` + 1."""
    folder = servers.folder / name
    folder.mkdir()
    certificate = certificate or servers.certificate
    config = SLAPD.format(folder=folder, certificate=certificate[0], key=certificate[1], ca=servers.folder / "ca.pem",
                          security=security)
    data = {"corp": corp_ldif(many)}
    if trees:
        data["plant"] = tree_ldif("plant", person("plant", "paul") + person("plant", "twin"))
        data["lab"] = tree_ldif("lab", person("lab", "lena"))
    for tree in data:
        (folder / tree).mkdir()
        config += DATABASE.format(tree=tree, folder=folder, limit=limit)
        if tree == "corp":
            config += 'overlay ppolicy\nppolicy_default "cn=default,ou=policies,dc=corp,dc=test"\nppolicy_use_lockout\n'
    (folder / "slapd.conf").write_text(config)
    for tree, text in data.items():
        (folder / f"{tree}.ldif").write_text(text)
        subprocess.run(["/usr/sbin/slapadd", "-q", "-f", folder / "slapd.conf", "-b", f"dc={tree},dc=test", "-l",
                        folder / f"{tree}.ldif"], check=True, capture_output=True)
    process = servers.start(name, ["/usr/sbin/slapd", "-f", str(folder / "slapd.conf"), "-d", "0", "-h",
                                   f"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{port + 1}/"])
    servers.wait_listening(name, process, port)
    return process


# RADIUS

RADIUSD = """
prefix = /usr
exec_prefix = /usr
sysconfdir = {folder}
localstatedir = {folder}
raddbdir = {folder}
libdir = /usr/lib/freeradius
name = {name}
db_dir = {folder}
run_dir = {folder}
logdir = {folder}
pidfile = {folder}/radiusd.pid
log {{
 destination = stdout
}}
security {{
 reject_delay = 0
 status_server = yes
}}
client here {{
 ipaddr = 127.0.0.1
 secret = testing123
 shortname = here
}}
thread pool {{
 start_servers = 1
 max_servers = 4
 min_spare_servers = 1
 max_spare_servers = 2
 max_requests_per_server = 0
}}
modules {{
 pap {{
 }}
 files {{
  usersfile = {folder}/users
 }}
}}
server default {{
 listen {{
  type = auth
  ipaddr = 127.0.0.1
  port = {port}
 }}
 authorize {{
  files
  pap
 }}
 authenticate {{
  Auth-Type PAP {{
   pap
  }}
 }}
 post-auth {{
  {signed}
  Post-Auth-Type REJECT {{
   {signed}
  }}
 }}
}}
"""


def start_freeradius(servers, port, name="freeradius", signs=True):
    folder = servers.folder / name
    folder.mkdir()
    signed = "update reply {\n Message-Authenticator := 0x00\n}" if signs else ""
    (folder / "radiusd.conf").write_text(RADIUSD.format(folder=folder, name="radiusd", port=port, signed=signed))
    (folder / "users").write_text(f'ann Cleartext-Password := "{PASSWORD}"\n  Reply-Message := "Hello Ann"\n\n'
                                  'bob@chat.example.com Cleartext-Password := "bob secret"\n\n'
                                  'banned Auth-Type := Reject\n  Reply-Message := "You are banned"\n')
    process = servers.start(name, ["/usr/sbin/freeradius", "-f", "-l", "stdout", "-d", str(folder)])

    def ready():
        assert process.poll() is None, f"{name} ended: {servers.log(name)[-3000:]}"
        return "Ready to process requests" in servers.log(name)
    wait_for(ready, f"{name} on port {port}")
    return process


# SQL

USERS = [("ann", "crypt6"), ("bob", "bcrypt"), ("yves", "yescrypt"), ("arno", "argon2"), ("petra", "pbkdf2"),
         ("sally", "ssha512"), ("plain", "plain"), ("nobody", None)]


def password_rows():
    """(name, stored, disabled, display name, mail) for each scheme; the password is always PASSWORD."""
    lib = ctypes.CDLL("libcrypt.so.1")
    lib.crypt.restype = ctypes.c_char_p
    crypt = lambda salt: lib.crypt(PASSWORD.encode(), salt.encode()).decode()
    salt = b"saltsalt"
    pbkdf2 = "pbkdf2_sha256$2000$saltsalt$" + __import__("base64").b64encode(
        hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 2000)).decode()
    ssha = "{SSHA512}" + __import__("base64").b64encode(
        hashlib.sha512(PASSWORD.encode() + salt).digest() + salt).decode()
    argon = ctypes.create_string_buffer(256)
    code = ctypes.CDLL("libargon2.so.1").argon2id_hash_encoded(
        2, 64, 1, PASSWORD.encode(), ctypes.c_size_t(len(PASSWORD)), salt, ctypes.c_size_t(8), ctypes.c_size_t(32), argon,
        ctypes.c_size_t(256))
    assert code == 0, code
    stored = {"crypt6": crypt("$6$rounds=1000$saltsalt"), "bcrypt": crypt("$2b$05$abcdefghijklmnopqrstuu"),
              "yescrypt": crypt("$y$j75$saltsaltsalt"), "argon2": argon.value.decode(), "pbkdf2": pbkdf2, "ssha512": ssha,
              "plain": PASSWORD, None: None}
    rows = [(name, stored[scheme], 0, name.capitalize(), f"{name}@corp.test") for name, scheme in USERS]
    rows.append(("gone", stored["crypt6"], 1, "Gone", ""))
    rows.append(("weird'name", stored["crypt6"], 0, "Weird", ""))
    rows += [("twice", stored["crypt6"], 0, "Twice", "")] * 2
    rows.append(("huge", "$6$" + "x" * 10_000_000, 0, "Huge", ""))
    return rows


def quoted(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def rows_script(rows):
    text = "CREATE TABLE users (name varchar(100), password {big}, disabled int, display_name varchar(100), mail varchar(100));\n"
    for row in rows:
        text += "INSERT INTO users VALUES (" + ", ".join(quoted(value) for value in row) + ");\n"
    return text


def start_mariadb(servers, port, certificate=None):
    """Once more, with another certificate: the same data."""
    certificate = certificate or servers.certificate
    folder = servers.folder / "mariadb"
    data = folder / "data"
    is_new = not folder.exists()
    if is_new:
        folder.mkdir()
        subprocess.run(["/usr/bin/mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root", "--skip-test-db",
                        "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    process = servers.start("mariadb", [
        "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
        f"--socket={folder}/socket", "--user=root", "--max-allowed-packet=64M", "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=48M", f"--pid-file={folder}/pid",
        f"--ssl-ca={servers.folder}/ca.pem", f"--ssl-cert={certificate[0]}", f"--ssl-key={certificate[1]}"])
    servers.wait_listening("mariadb", process, port)
    if not is_new:
        return process
    script = "CREATE DATABASE staff; USE staff;\n" + rows_script(password_rows()).replace("{big}", "longtext")
    script += ("CREATE USER reader@'%' IDENTIFIED BY 'reader secret'; GRANT SELECT ON staff.users TO reader@'%';\n"
               "CREATE USER writer@'%' IDENTIFIED BY 'writer secret'; GRANT SELECT, INSERT ON staff.users TO writer@'%';\n")
    subprocess.run(["/usr/bin/mariadb", "--no-defaults", f"--socket={folder}/socket", "-u", "root", "--max-allowed-packet=64M"],
                   input=script.encode(), check=True, capture_output=True)
    return process


def start_postgresql(servers, port, certificate=None):
    """Once more, with another certificate: the same data."""
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    folder = servers.folder / "postgresql"
    is_new = not folder.exists()
    if is_new:
        folder.mkdir()
    entry_of = pwd.getpwnam("postgres")
    copies = [folder / "server.pem", folder / "server.key"]
    for path, copy in zip(certificate or servers.certificate, copies):
        shutil.copy(path, copy)
    for path in [folder, *copies]:
        os.chown(path, entry_of.pw_uid, entry_of.pw_gid)
        path.chmod(0o700 if path.is_dir() else 0o600)
    as_user = {"user": entry_of.pw_uid, "group": entry_of.pw_gid, "extra_groups": [], "cwd": folder}
    data = folder / "data"
    if is_new:
        subprocess.run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--no-sync", "-E",
                        "UTF8", "--locale=C", f"--pwfile={make_file(folder / 'pw', 'admin secret', entry_of)}"],
                       check=True, capture_output=True, **as_user)
    process = servers.start("postgresql", [
        str(programs / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c",
        f"unix_socket_directories={folder}", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "ssl=on", "-c",
        f"ssl_cert_file={folder}/server.pem", "-c", f"ssl_key_file={folder}/server.key"], user="postgres")
    servers.wait_listening("postgresql", process, port)
    # It listens before it takes work ("the database system is starting up").
    wait_for(lambda: subprocess.run([programs / "pg_isready", "-q", "-h", folder, "-p", str(port)], check=False,
                                    cwd="/").returncode == 0, "postgresql takes work")
    if not is_new:
        return process
    run = lambda database, script: subprocess.run(
        [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", str(port), "-U", "postgres", database],
        input=script.encode(), check=True, capture_output=True, env={"PGPASSWORD": "admin secret"}, cwd="/")
    run("postgres", "CREATE DATABASE staff;")
    run("staff", rows_script(password_rows()).replace("{big}", "text") +
        "CREATE ROLE reader LOGIN PASSWORD 'reader secret'; GRANT SELECT ON users TO reader;"
        "CREATE ROLE writer LOGIN PASSWORD 'writer secret'; GRANT SELECT, INSERT ON users TO writer;")
    return process


def make_file(path, text, owner):
    path.write_text(text)
    os.chown(path, owner.pw_uid, owner.pw_gid)
    return path


def make_sqlite(servers):
    import sqlite3
    path = servers.folder / "users.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(rows_script(password_rows()).replace("{big}", "text"))
    return path


# HTTPS

class LoginService(http.server.BaseHTTPRequestHandler):
    """Checks ann's password in several ways, by path."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    seen = []
    hmac_secret = b"signing secret"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/list":
            return self.answer(200, json.dumps([{"user": "ann", "name": "Ann Lee"}, {"user": "bob"}]).encode())
        if self.path == "/basic":
            import base64
            given = base64.b64decode(self.headers.get("Authorization", "Basic ").split(" ")[1]).decode()
            return self.answer(200 if given == f"ann:{PASSWORD}" else 401)
        return self.answer(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        LoginService.seen.append((self.path, dict(self.headers), body))
        path = self.path.split("?")[0]
        if path == "/form":
            from urllib.parse import parse_qs
            given = parse_qs(body.decode())
            return self.answer(200 if given.get("password") == [PASSWORD] else 401)
        if path == "/redirect":
            return self.answer(302, Location="/check")
        if path == "/broken":
            return self.answer(500, b"password correct, but something else broke")
        if path == "/slow":
            time.sleep(5)
            return self.answer(200)
        if path == "/big":
            self.send_response(200)
            self.send_header("Content-Length", "10000000")
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b"x" * 100000)
            self.close_connection = True
            return None
        if path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(60):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.3)
            self.close_connection = True
            return None
        if path == "/signed":
            stamp = self.headers.get("X-Causeway-Timestamp", "0")
            text = f"{stamp}\nPOST\n{self.path}\n".encode() + body
            wanted = "sha256=" + hmac.new(self.hmac_secret, text, hashlib.sha256).hexdigest()
            if self.headers.get("X-Causeway-Signature") != wanted or abs(time.time() - int(stamp)) > 60:
                return self.answer(400)
        if path == "/bearer" and self.headers.get("Authorization") != "Bearer the token":
            return self.answer(400)
        given = json.loads(body)
        known = given["user"] == "ann"
        right = known and given["password"] == PASSWORD
        if path == "/field":
            word = "yes" if right else "no" if known else "who"
            return self.answer(200, json.dumps({"answer": {"result": word}, "name": "Ann Lee"}).encode())
        return self.answer(200 if right else 401 if known else 410)


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def start_https(servers, port, certificate=None):
    server = QuietServer(("127.0.0.1", port), LoginService)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    servers.callback(server.server_close)
    servers.callback(server.shutdown)
    return server


# Servers that misbehave

class BadServer:
    """Takes connections and does what `manner` says: hang, garbage, close, or a function of the socket."""

    def __init__(self, servers, port, manner):
        self.socket = socket.create_server(("127.0.0.1", port), backlog=64)
        self.manner = manner
        self.kept = []
        self.taken = 0
        threading.Thread(target=self.run, daemon=True).start()
        servers.callback(self.socket.close)

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.taken += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError):
            if self.manner == "hang":
                self.kept.append(connection)
            elif self.manner == "garbage":
                connection.recv(1024)
                connection.sendall(os.urandom(4000))
                connection.close()
            elif self.manner == "close":
                connection.close()
            else:
                self.manner(connection)


class SlowRelay:
    """Passes a connection on to `port` after a delay for each direction's first bytes."""

    def __init__(self, servers, port, target, delay):
        self.target = target
        self.delay = delay
        BadServer(servers, port, self.serve)

    def serve(self, connection):
        time.sleep(self.delay)
        other = socket.create_connection(("127.0.0.1", self.target))

        def pump(source, sink):
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
        back = threading.Thread(target=pump, args=(other, connection), daemon=True)
        back.start()
        pump(connection, other)
        back.join()
        connection.close()
        other.close()


def slow_datagrams(servers, port, delay):
    """Passes datagrams on to `port`, each answer after `delay` seconds. Returns the address to ask."""
    front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    front.bind(("127.0.0.1", 0))
    servers.callback(front.close)

    def pass_on(question, source):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back, contextlib.suppress(OSError):
            back.settimeout(10)
            back.sendto(question, ("127.0.0.1", port))
            answer = back.recv(5000)
            time.sleep(delay)
            front.sendto(answer, source)

    def run():
        while True:
            try:
                question, source = front.recvfrom(5000)
            except OSError:
                return
            threading.Thread(target=pass_on, args=(question, source), daemon=True).start()
    threading.Thread(target=run, daemon=True).start()
    return f"127.0.0.1:{front.getsockname()[1]}"


class Probe:
    """The test program; one command, one answer."""

    def __init__(self, servers, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        servers.callback(self.close)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, what, provider, **more):
        command = {"do": what, "provider": provider, **more}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the probe ended at {command}"
        return json.loads(line)
