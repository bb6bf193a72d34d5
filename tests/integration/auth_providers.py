"""Authentication providers against real servers, and against servers that misbehave.

Usage: auth_providers.py ldap|radius|http|sql AUTH_PROBE
Runs as root in a network and a mount namespace of its own.
"""

import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import auth_servers as world  # noqa: E402
from auth_servers import PASSWORD  # noqa: E402
from fake_active_directory import FakeActiveDirectory  # noqa: E402

checks = 0


def check(condition, message, got=None):
    global checks
    checks += 1
    assert condition, f"{message}\n  got: {got}"


def expect(answer, outcome, *words):
    """The outcome, and words of the sentences for the administrator."""
    check(answer["outcome"] == outcome, f"expected {outcome}", answer)
    text = answer["why"] + " " + answer["todo"]
    for word in words:
        check(word in text, f"expected the words \"{word}\"", answer)
    if outcome == "cannot-ask":
        check(answer["todo"], "every trouble says what to do", answer)
    return answer


def step_of(answer, step):
    found = [each for each in answer["proof"]["children"] if each["id"] == step]
    check(len(found) == 1, f"one step {step}", answer["text"])
    return found[0]


def expect_steps(answer, **states):
    for step, state in states.items():
        check(step_of(answer, step)["state"] == state, f"step {step} should be {state}", answer["text"])
    for each in answer["proof"]["children"]:
        if each["state"] in ("broken", "partly"):
            check(each["why"] and each["todo"], f"step {each['id']} says why and what to do", answer["text"])
        if each["state"] == "fine":
            check(each["proves"], f"step {each['id']} says what it proves", answer["text"])


def within(answer, seconds):
    check(answer["took"] < seconds * 1000, f"answer within {seconds} s", answer)


def knows_names(probe, provider):
    """A name alone, as it is asked when a built-in account is made."""
    for name, answer in (("ann", "yes"), ("stranger", "no"), ("a*", "no"), ("' OR '1'='1", "no")):
        known = probe.ask("knows", provider, user=name)
        check(known["knows"] == answer, f"{name} is known: {answer}", known)


# LDAP

READER = {"bind_dn": "cn=reader,dc=corp,dc=test"}
SECRETS = {"bind_password": "reader secret"}


def ldap(house, **settings):
    given = {"servers": "dc1.corp.test:3389", "security": "starttls", "ca": house.authority.pem,
             "bases": "dc=corp,dc=test", **READER, **settings}
    return {"kind": "ldap", "settings": given, "secrets": SECRETS}


def ldap_logins(servers, probe):
    for name, settings in {
            "StartTLS": {}, "LDAPS": {"servers": "dc1.corp.test:3390", "security": "ldaps"},
            "plain": {"security": "none", "ca": ""}, "address": {"servers": "127.0.0.1:3389"}}.items():
        provider = ldap(servers, **settings)
        answer = expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
        check("Ann Lee|ann@corp.test|Sales" in answer["person"], f"attributes over {name}", answer)
        check(answer["photo"] == 500, "photo", answer)
        expect(probe.ask("check", provider, user="ann", password="wrong"), "wrong-password")
        expect(probe.ask("check", provider, user="stranger", password=PASSWORD), "unknown-user")
        expect(probe.ask("check", provider, user="ann", password=""), "wrong-password", "empty")
    provider = ldap(servers)
    for name in ("*", "ann)(uid=*", "a*", "\\", "ann\\2a"):
        expect(probe.ask("check", provider, user=name, password=PASSWORD), "unknown-user")
    expect(probe.ask("check", provider, user="odd", password=PASSWORD), "right")
    knows_names(probe, provider)
    expect(probe.ask("check", provider, user="ANN", password=PASSWORD), "right")


def ldap_template(servers, probe):
    """Binds with a name made of the login name; that cannot tell who exists."""
    provider = ldap(servers, login_as="template", user_template="uid={user},ou=people,dc=corp,dc=test", bind_dn="")
    answer = expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
    check("Ann Lee" in answer["person"], "a user reads his own entry", answer)
    expect(probe.ask("check", provider, user="ann", password="wrong"), "wrong-password")
    expect(probe.ask("check", provider, user="ann,ou=x", password=PASSWORD), "wrong-password")
    answer = probe.ask("test", provider, user="ann", password=PASSWORD)
    expect_steps(answer, resolve="fine", connect="fine", tls="fine", bind="unknown", login="fine")
    check(probe.ask("list", provider)["count"] == -1, "a template cannot list")
    check(probe.ask("knows", provider, user="ann")["knows"] == "cannot-tell", "nor tell a name")


def ldap_trees(servers, probe):
    provider = ldap(servers, bases="dc=corp,dc=test\ndc=plant,dc=test\ndc=lab,dc=test")
    for name in ("ann", "paul", "lena"):
        expect(probe.ask("check", provider, user=name, password=PASSWORD), "right")
    answer = expect(probe.ask("check", provider, user="twin", password=PASSWORD), "cannot-ask", "more than one entry")
    check(answer["isPersonal"], "a name found twice is no outage", answer)
    inside = ldap(servers, bases="dc=corp,dc=test\nou=people,dc=corp,dc=test")
    expect(probe.ask("check", inside, user="ann", password=PASSWORD), "right")
    expect(probe.ask("check", ldap(servers, bases="ou=peple,dc=corp,dc=test"), user="ann", password=PASSWORD), "cannot-ask",
           "ou=peple")


def ldap_groups(servers, probe):
    chat = ldap(servers, groups="cn=chat,ou=groups,dc=corp,dc=test")
    expect(probe.ask("check", chat, user="ann", password=PASSWORD), "right")
    expect(probe.ask("check", chat, user="bob", password=PASSWORD), "right")
    answer = expect(probe.ask("check", chat, user="carol", password=PASSWORD), "not-allowed", "none of the allowed groups")
    check(answer["failedAt"] == "group", "failed at the group", answer)
    expect(probe.ask("check", chat, user="carol", password="wrong"), "wrong-password")
    flat = ldap(servers, groups="CN=Chat, OU=groups,DC=corp,dc=test", nested_groups="false")
    expect(probe.ask("check", flat, user="bob", password=PASSWORD), "right")
    expect(probe.ask("check", flat, user="ann", password=PASSWORD), "not-allowed")
    circle = ldap(servers, groups="cn=loop2,ou=groups,dc=corp,dc=test")
    expect(probe.ask("check", circle, user="dave", password=PASSWORD), "right")
    expect(probe.ask("check", circle, user="ann", password=PASSWORD), "not-allowed")


def ldap_policy(servers, probe):
    provider = ldap(servers)
    for _ in range(5):
        expect(probe.ask("check", provider, user="locked", password="wrong"), "wrong-password")
    expect(probe.ask("check", provider, user="locked", password=PASSWORD), "locked-by-directory", "locked")
    expect(probe.ask("check", provider, user="mustchange", password=PASSWORD), "must-change", "must be changed")


def ldap_list(servers, probe):
    listed = probe.ask("list", ldap(servers, bases="ou=many,dc=corp,dc=test"), patience=20000)
    check(listed["count"] == 5000, "5,000 users in pages of 500", listed)
    check(listed["people"][0].startswith("u0000|User 0|u0000@corp.test"), "attributes of a listed user", listed)
    odd = probe.ask("list", ldap(servers, bases="ou=many,dc=corp,dc=test", page_size="333"), patience=20000)
    check(odd["count"] == 5000, "5,000 users in pages of 333", odd)


def ldap_test(servers, probe):
    provider = ldap(servers, groups="cn=chat,ou=groups,dc=corp,dc=test", bases="ou=people,dc=corp,dc=test",
                    group_bases="ou=groups,dc=corp,dc=test")
    answer = probe.ask("test", provider, user="ann", password=PASSWORD, patience=20000)
    expect_steps(answer, resolve="fine", connect="fine", tls="fine", bind="fine", base="fine", filter="fine", group="fine",
                 login="fine")
    check(answer["proof"]["state"] == "fine", "all in all", answer["text"])
    facts = step_of(answer, "tls")["facts"]
    check("dc1.corp.test" in facts["Names"] and facts["Valid until"].startswith("20"), "the certificate is shown", facts)
    check("ann, name: Ann Lee, mail: ann@corp.test" in answer["text"], "a sample user with real attributes", answer["text"])
    check("reader secret" not in str(answer) and PASSWORD not in str(answer), "no secret in a test's answer")
    many = probe.ask("test", ldap(servers), patience=20000)
    check(step_of(many, "filter")["facts"]["People found"] == "5009", "all people are counted", many["text"])
    expect_steps(many, group="unknown", login="unknown")

    def broken_at(step, provider, *words, **more):
        answer = probe.ask("test", provider, **more)
        check(step_of(answer, step)["state"] == "broken", f"broken at {step}", answer["text"])
        check(answer["proof"]["state"] == "broken", "the whole is broken", answer["text"])
        for word in words:
            check(word in answer["proof"]["why"] + answer["proof"]["todo"], f"says {word}", answer["text"])
        after = [each["state"] for each in answer["proof"]["children"]]
        check("fine" not in after[after.index("broken") + 1:], "nothing is tried behind a broken step", answer["text"])
    broken_at("resolve", ldap(servers, servers="nosuch.corp.test"), "nosuch.corp.test")
    broken_at("connect", ldap(servers, servers="dc1.corp.test:3999"), "Nothing listens")
    broken_at("tls", ldap(servers, ca=""), "not trusted", "Test Authority")
    broken_at("tls", ldap(servers, servers="dc1.corp.test:3389", security="ldaps"), "not speak TLS from the first byte")
    broken_at("tls", ldap(servers, servers="dc1.corp.test:3390"), "LDAPS")
    broken_at("bind", {**ldap(servers), "secrets": {"bind_password": "wrong"}}, "service account was refused")
    broken_at("bind", ldap(servers, bind_dn="cn=nobody,dc=corp,dc=test"), "service account was refused")
    broken_at("base", ldap(servers, bases="ou=peple,dc=corp,dc=test"), "ou=peple")
    broken_at("filter", ldap(servers, user_filter="(&(objectClass=device)(uid={user}))"), "finds nobody")
    broken_at("group", ldap(servers, groups="cn=chatt,ou=groups,dc=corp,dc=test"), "cn=chatt")
    broken_at("login", ldap(servers), "refused the password", user="ann", password="wrong")


def ldap_bad_certificates(servers, probe):
    world.start_slapd(servers, 3401, "slapd-expired", servers.expired, trees=False)
    world.start_slapd(servers, 3411, "slapd-wrong", servers.wrong_name, trees=False)
    for port, word in ((3401, "ended on"), (3411, "not for dc1.corp.test")):
        for security, offset in (("starttls", 0), ("ldaps", 1)):
            provider = ldap(servers, servers=f"dc1.corp.test:{port + offset}", security=security)
            expect(probe.ask("check", provider, user="ann", password=PASSWORD), "cannot-ask", word)
            answer = probe.ask("test", provider)
            expect_steps(answer, connect="fine", tls="broken", bind="unknown")
            check(word in step_of(answer, "tls")["why"], "the cause", answer["text"])
    expect(probe.ask("check", ldap(servers, ca=""), user="ann", password=PASSWORD), "cannot-ask", "not trusted")


def ldap_limits(servers, probe):
    world.start_slapd(servers, 3421, "slapd-small", trees=False, many=100, limit="20", security="security simple_bind=128")
    small = ldap(servers, servers="dc1.corp.test:3421", bases="ou=many,dc=corp,dc=test", page_size="10")
    listed = probe.ask("list", small)
    check(listed["count"] == -1 and "no more entries" in listed["error"], "the server's size limit is told", listed)
    plain = ldap(servers, servers="dc1.corp.test:3421", security="none")
    expect(probe.ask("check", plain, user="ann", password=PASSWORD), "cannot-ask", "without encryption", "StartTLS")


def ldap_bad_servers(servers, probe):
    def huge(connection):
        connection.recv(1024)
        # A message of 10 MB: bind answer whose text has no end.
        connection.sendall(bytes.fromhex("308400a00000") + b"\x02\x01\x01" + b"x" * 10_000_000)

    world.BadServer(servers, 3501, "hang")
    world.BadServer(servers, 3502, "garbage")
    world.BadServer(servers, 3503, "close")
    world.BadServer(servers, 3504, huge)
    for port in (3501, 3502, 3503, 3504):
        for security in ("none", "starttls", "ldaps"):
            provider = ldap(servers, servers=f"dc1.corp.test:{port}", security=security)
            answer = expect(probe.ask("check", provider, user="ann", password=PASSWORD, patience=1500), "cannot-ask")
            within(answer, 2.2)
            answer = probe.ask("test", provider, patience=1500)
            check(answer["proof"]["state"] == "broken", f"test of port {port} with {security}", answer["text"])
            within(answer, 3.5)
    check("does not answer" in probe.ask("check", ldap(servers, servers="dc1.corp.test:3501", security="none"), user="ann",
                                         password=PASSWORD, patience=500)["why"], "hanging is told")
    # Fail-over: past what is closed, hanging, and not ours.
    for first in ("dc1.corp.test:3999", "dc1.corp.test:3501", "dc1.corp.test:3502", "nosuch.corp.test"):
        provider = ldap(servers, servers=f"{first} dc1.corp.test:3389")
        expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
        again = expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
        within(again, 1)
        answer = probe.ask("test", provider, patience=10000)
        check(answer["proof"]["state"] == "partly", "one of two servers is out", answer["text"])
    world.SlowRelay(servers, 3505, 3389, 5)
    slow = ldap(servers, servers="dc1.corp.test:3505")
    within(expect(probe.ask("check", slow, user="ann", password=PASSWORD, patience=2000), "cannot-ask"), 2.7)
    expect(probe.ask("check", slow, user="ann", password=PASSWORD, patience=15000), "right")


def ldap_refused_account(servers, probe):
    """A wrong password of the service account is sent once, not with each login until the directory locks it."""
    binds = []

    def count(connection):
        request = connection.recv(4096)
        binds.append(request)
        # A bind answer: invalidCredentials (49).
        connection.sendall(bytes.fromhex("300c02010161070a013104000400"))
        connection.recv(4096)

    world.BadServer(servers, 3506, count)
    provider = ldap(servers, servers="dc1.corp.test:3506", security="none")
    first = expect(probe.ask("login", provider, user="ann", password=PASSWORD), "cannot-ask", "service account was refused")
    check("tried again" not in first["why"], "the first one was asked", first)
    for _ in range(5):
        expect(probe.ask("login", provider, user="ann", password=PASSWORD), "cannot-ask")
    check(len(binds) == 1, f"the service account was sent {len(binds)} times")


def ldap_restart(servers, probe):
    process = world.start_slapd(servers, 3431, "slapd-restart", trees=False)
    provider = ldap(servers, servers="dc1.corp.test:3431", survive_outage="true", timeout="2")
    # The password is hashed behind the login.
    world.wait_for(lambda: expect(probe.ask("login", provider, user="ann", password=PASSWORD), "right")["kept"] == 1,
                   "the password is remembered")
    servers.stop(process)
    world.wait_for(lambda: not world.listens(3431), "slapd ends")
    expect(probe.ask("check", provider, user="ann", password=PASSWORD), "cannot-ask", "Nothing listens")
    answer = expect(probe.ask("login", provider, user="ann", password=PASSWORD), "right")
    check(answer["remembered"], "the outage is survived", answer)
    expect(probe.ask("login", provider, user="ann", password="wrong"), "cannot-ask")
    expect(probe.ask("login", provider, user="bob", password=PASSWORD), "cannot-ask")
    check(probe.ask("login", provider, user="bob", password=PASSWORD)["state"] == "open", "the breaker is open")
    process = servers.start("slapd-again", process.args)
    servers.wait_listening("slapd-again", process, 3431)
    expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
    # Kept connections of before a restart are replaced without a failed login.
    servers.stop(process)
    process = servers.start("slapd-again", process.args)
    servers.wait_listening("slapd-again", process, 3431)
    expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")

    def recovered():
        answer = probe.ask("login", provider, user="bob", password=PASSWORD)
        return answer["outcome"] == "right" and answer["state"] == "closed"
    world.wait_for(recovered, "the breaker closes again")


def ldap_active_directory(servers, probe):
    """Recorded answers: no domain controller runs here."""
    chat = "CN=Chat,OU=Groups,DC=ad,DC=test"
    codes = {"disabled": ("533", "disabled"), "expired": ("701", "expired"), "oldword": ("532", "expired"),
             "fresh": ("773", "must-change"), "shut": ("775", "locked-by-directory"), "night": ("530", "not-allowed"),
             "elsewhere": ("531", "not-allowed")}
    users = {"ann": (PASSWORD, None, [chat]), "bob": (PASSWORD, None, []),
             **{name: (PASSWORD, code, [chat]) for name, (code, _) in codes.items()}}
    fake = FakeActiveDirectory(users)
    world.BadServer(servers, 3601, fake)
    common = {"servers": "127.0.0.1:3601", "security": "none", "ca": "", "bases": "DC=ad,DC=test", "bind_dn": "reader@ad.test",
              "user_filter": "(&(objectCategory=person)(objectClass=user)(sAMAccountName={user}))",
              "login_attribute": "sAMAccountName", "groups": chat}
    provider = ldap(servers, **common)
    answer = expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
    check("ann|Ann||Sales" in answer["person"], "attributes", answer)
    check(fake.asked_in_chain == 1, "nested groups are one question with the matching rule", fake.asked_in_chain)
    expect(probe.ask("check", provider, user="ann", password="wrong"), "wrong-password", "52e")
    expect(probe.ask("check", provider, user="bob", password=PASSWORD), "not-allowed", "none of the allowed groups")
    for name, (code, outcome) in codes.items():
        expect(probe.ask("check", provider, user=name, password=PASSWORD), outcome, code)
    upn = ldap(servers, **{**common, "login_as": "template", "user_template": "{user}@ad.test"})
    expect(probe.ask("check", upn, user="ann", password=PASSWORD), "right")
    expect(probe.ask("check", upn, user="bob", password=PASSWORD), "not-allowed")
    expect(probe.ask("check", upn, user="stranger", password=PASSWORD), "wrong-password")
    expect(probe.ask("check", upn, user="shut", password=PASSWORD), "locked-by-directory")


def run_ldap(servers, probe):
    world.start_slapd(servers, 3389, many=5000)
    for part in (ldap_logins, ldap_template, ldap_trees, ldap_groups, ldap_policy, ldap_list, ldap_test,
                 ldap_active_directory, ldap_bad_certificates, ldap_limits, ldap_bad_servers, ldap_refused_account,
                 ldap_restart):
        began = time.monotonic()
        part(servers, probe)
        print(f"{part.__name__}: {time.monotonic() - began:.1f} s", flush=True)


# RADIUS

def radius(servers="127.0.0.1:1812", secret="testing123", **settings):
    return {"kind": "radius", "settings": {"servers": servers, "try_time": "400", **settings}, "secrets": {"secret": secret}}


def run_radius(servers, probe):
    world.start_freeradius(servers, 1812)
    expect(probe.ask("check", radius(), user="ann", password=PASSWORD), "right")
    expect(probe.ask("check", radius(), user="ann", password="wrong"), "wrong-password", "rejected the login")
    expect(probe.ask("check", radius(), user="banned", password="x"), "wrong-password", "You are banned")
    expect(probe.ask("check", radius(), user="ann", password="x" * 129), "wrong-password", "128 bytes")
    expect(probe.ask("check", radius(user_name="{address}"), user="bob", password="bob secret"), "right")

    # Wrong secret, no answer and reject are three texts.
    expect(probe.ask("check", radius(secret="other"), user="ann", password=PASSWORD), "cannot-ask", "shared secret is wrong")
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 1899))
    answer = expect(probe.ask("check", radius("127.0.0.1:1899"), user="ann", password=PASSWORD), "cannot-ask", "No answer from")
    within(answer, 2)
    answer = expect(probe.ask("check", radius("127.0.0.1:1888"), user="ann", password=PASSWORD), "cannot-ask",
                    "Nothing listens")
    within(answer, 1)

    world.start_freeradius(servers, 1822, "freeradius-unsigned", signs=False)
    expect(probe.ask("check", radius("127.0.0.1:1822"), user="ann", password=PASSWORD), "cannot-ask", "Message-Authenticator",
           "FreeRADIUS")

    for first in ("127.0.0.1:1888", "127.0.0.1:1899", "nosuch.corp.test", "127.0.0.1:1822"):
        expect(probe.ask("check", radius(f"{first} 127.0.0.1:1812"), user="ann", password=PASSWORD), "right")
    answer = expect(probe.ask("check", radius("127.0.0.1:1899", try_time="5000"), user="ann", password=PASSWORD, patience=1000),
                    "cannot-ask")
    within(answer, 1.3)

    # Slow by 5 s: who waits long enough is let in, also by the answer to an earlier try; others are told in time.
    late = world.slow_datagrams(servers, 1812, 5)
    within(expect(probe.ask("check", radius(late), user="ann", password=PASSWORD, patience=2000), "cannot-ask",
                  "No answer from"), 2.5)
    for try_time in ("1500", "7000"):
        slow = radius(late, try_time=try_time, tries="5")
        expect(probe.ask("check", slow, user="ann", password=PASSWORD, patience=15000), "right")
        expect(probe.ask("check", slow, user="ann", password="wrong", patience=15000), "wrong-password", "rejected the login")
    expect(probe.ask("check", radius(f"{late} 127.0.0.1:1812"), user="ann", password=PASSWORD), "right")

    # Whoever answers garbage, a forged accept or 64 kB is not believed.
    def liar(answers):
        liar_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        liar_socket.bind(("127.0.0.1", 0))

        def run():
            while True:
                try:
                    data, source = liar_socket.recvfrom(5000)
                except OSError:
                    return
                for answer in answers(data):
                    liar_socket.sendto(answer, source)
        import threading
        threading.Thread(target=run, daemon=True).start()
        servers.callback(liar_socket.close)
        return f"127.0.0.1:{liar_socket.getsockname()[1]}"
    for answers in (lambda data: [b"garbage", b"", b"x" * 60000],
                    lambda data: [b"\x02" + data[1:2] + b"\x00\x14" + b"x" * 16]):
        answer = expect(probe.ask("check", radius(liar(answers)), user="ann", password=PASSWORD), "cannot-ask")
        within(answer, 2)

    answer = probe.ask("test", radius(), user="ann", password=PASSWORD)
    expect_steps(answer, resolve="fine", bind="fine", login="fine")
    check("testing123" not in str(answer), "no secret in a test's answer")
    answer = probe.ask("test", radius(secret="other"), user="ann", password=PASSWORD)
    expect_steps(answer, resolve="fine", bind="broken", login="unknown")
    check("shared secret is wrong" in answer["text"], "the cause", answer["text"])
    answer = probe.ask("test", radius("127.0.0.1:1899 127.0.0.1:1812"))
    expect_steps(answer, bind="partly", login="unknown")
    check(probe.ask("list", radius())["count"] == -1, "RADIUS cannot list")


# HTTP

def http(servers, path="/check", **settings):
    secrets = {"token": "the token", "hmac_secret": "signing secret"}
    return {"kind": "http", "secrets": secrets,
            "settings": {"url": f"https://dc1.corp.test:8443{path}", "ca": servers.authority.pem, "unknown_status": "410",
                         **settings}}


def run_http(servers, probe):
    world.start_https(servers, 8443, servers.certificate)
    world.start_https(servers, 8453, servers.expired)
    world.start_https(servers, 8463, servers.wrong_name)
    world.start_https(servers, 8080)
    nasty = 'quote" back\\slash {user} &=%\n'
    for name, provider in {"JSON": http(servers), "signed": http(servers, "/signed?a=b", proof="hmac"),
                           "bearer": http(servers, "/bearer", proof="bearer"),
                           "plain on this machine": http(servers, url="http://127.0.0.1:8080/check")}.items():
        expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
        expect(probe.ask("check", provider, user="ann", password=nasty), "wrong-password")
        expect(probe.ask("check", provider, user="stranger", password=PASSWORD), "unknown-user")
        body = world.json.loads(world.LoginService.seen[-2][2])
        check(body["password"] == nasty, f"the password arrives as it is ({name})", body)
    form = http(servers, "/form", format="form")
    expect(probe.ask("check", form, user="ann", password=PASSWORD), "right")
    expect(probe.ask("check", form, user="ann", password=nasty), "wrong-password")
    expect(probe.ask("check", http(servers, "/basic", format="basic"), user="ann", password=PASSWORD), "right")
    field = http(servers, "/field", decide_by="field", field="answer.result", right_value="yes", wrong_value="no",
                 unknown_value="who", name_field="name")
    answer = expect(probe.ask("check", field, user="ann", password=PASSWORD), "right")
    check("Ann Lee" in answer["person"], "the name of the answer", answer)
    expect(probe.ask("check", field, user="ann", password="x"), "wrong-password")
    expect(probe.ask("check", field, user="eve", password="x"), "unknown-user")
    strange = {**field, "settings": {**field["settings"], "unknown_value": ""}}
    expect(probe.ask("check", strange, user="eve", password="x"), "cannot-ask", "who")

    expect(probe.ask("check", http(servers, "/bearer", proof="none"), user="ann", password=PASSWORD), "cannot-ask", "400")
    expect(probe.ask("check", http(servers, "/broken"), user="ann", password=PASSWORD), "cannot-ask", "500")
    expect(probe.ask("check", http(servers, "/redirect"), user="ann", password=PASSWORD), "cannot-ask", "redirects")
    expect(probe.ask("check", http(servers, "/nowhere", format="basic"), user="ann", password=PASSWORD), "cannot-ask", "404")
    expect(probe.ask("check", http(servers, "/big"), user="ann", password=PASSWORD), "cannot-ask", "too long")
    for path in ("/slow", "/drip"):
        within(expect(probe.ask("check", http(servers, path), user="ann", password=PASSWORD, patience=1500), "cannot-ask"), 2)
    expect(probe.ask("check", http(servers, "/slow"), user="ann", password=PASSWORD, patience=9000), "right")
    before = len(world.LoginService.seen)
    expect(probe.ask("check", http(servers, url="https://dc1.corp.test:8453/check"), user="ann", password=PASSWORD),
           "cannot-ask", "ended on")
    expect(probe.ask("check", http(servers, url="https://dc1.corp.test:8463/check"), user="ann", password=PASSWORD),
           "cannot-ask", "not for dc1.corp.test")
    expect(probe.ask("check", http(servers, ca=""), user="ann", password=PASSWORD), "cannot-ask", "not trusted")
    check(len(world.LoginService.seen) == before, "no password leaves before the certificate is judged")
    expect(probe.ask("check", http(servers, url="https://dc1.corp.test:8999/"), user="ann", password=PASSWORD), "cannot-ask",
           "Nothing listens")
    for port, manner in ((8601, "hang"), (8602, "garbage"), (8603, "close")):
        world.BadServer(servers, port, manner)
        for scheme in ("https", "http"):
            provider = http(servers, url=f"{scheme}://127.0.0.1:{port}/")
            within(expect(probe.ask("check", provider, user="ann", password=PASSWORD, patience=1000), "cannot-ask"), 1.7)

    listing = http(servers, list_url="https://dc1.corp.test:8443/list", name_field="name")
    listed = probe.ask("list", listing)
    check(listed["count"] == 2 and listed["people"][0].startswith("ann|Ann Lee"), "the user list", listed)
    answer = probe.ask("test", listing, user="ann", password=PASSWORD)
    expect_steps(answer, resolve="fine", connect="fine", tls="fine", bind="fine", filter="fine", login="fine")
    check("the token" not in str(answer) and PASSWORD not in str(answer), "no secret in a test's answer")
    answer = probe.ask("test", http(servers, "/check", right_status="200 401", wrong_status="403"))
    check(step_of(answer, "bind")["state"] in ("fine", "broken"), "asked about nobody", answer["text"])
    answer = probe.ask("test", http(servers, "/check", right_status="410", wrong_status="401", unknown_status=""))
    expect_steps(answer, bind="broken", login="unknown")
    check("accepts a user who does not exist" in answer["text"], "everybody is let in", answer["text"])


# SQL

QUERY = "SELECT password, disabled, display_name, mail FROM users WHERE name = {user}"
LIST = "SELECT name, display_name, mail FROM users ORDER BY name"


def sql(engine, **settings):
    return {"kind": "sql", "secrets": {"password": settings.pop("secret", "reader secret")},
            "settings": {"engine": engine, "query": QUERY, "list_query": LIST, **settings}}


def sql_logins(probe, provider):
    for name, scheme in world.USERS:
        if name in ("plain", "nobody"):
            continue
        answer = expect(probe.ask("check", provider, user=name, password=PASSWORD), "right")
        check(f"{name.capitalize()}|{name}@corp.test" in answer["person"], "columns of the row", answer)
        expect(probe.ask("check", provider, user=name, password="wrong"), "wrong-password")
    expect(probe.ask("check", provider, user="plain", password=PASSWORD), "cannot-ask", "no scheme")
    plain = {**provider, "settings": {**provider["settings"], "scheme": "plain"}}
    expect(probe.ask("check", plain, user="plain", password=PASSWORD), "right")
    expect(probe.ask("check", provider, user="nobody", password=PASSWORD), "wrong-password", "no password")
    expect(probe.ask("check", provider, user="gone", password=PASSWORD), "disabled")
    expect(probe.ask("check", provider, user="gone", password="x"), "wrong-password")
    expect(probe.ask("check", provider, user="twice", password=PASSWORD), "cannot-ask", "more than one row")
    for name in ("stranger", "' OR '1'='1", "ann' --", "ann\\", "%"):
        expect(probe.ask("check", provider, user=name, password=PASSWORD), "unknown-user")
    expect(probe.ask("check", provider, user="weird'name", password=PASSWORD), "right")
    answer = expect(probe.ask("check", provider, user="huge", password=PASSWORD), "cannot-ask", "too long")
    within(answer, 3)
    # 10 MB in many rows.
    many = "SELECT a.password FROM users a, users b, users c, users d, users e WHERE a.name <> 'huge' AND a.name <> {user}"
    many = {**provider, "settings": {**provider["settings"], "query": many}}
    answer = expect(probe.ask("check", many, user="stranger", password=PASSWORD), "cannot-ask", "more than one row")
    within(answer, 3)
    expect(probe.ask("check", provider, user="ann", password=PASSWORD), "right")
    for query, word in (("SELECT nosuch FROM users WHERE name = {user}", "refuses the query"),
                        ("SELECT password FROM users WHERE", "")):
        bad = {**provider, "settings": {**provider["settings"], "query": query + ("" if word else " {user} {user}")}}
        expect(probe.ask("check", bad, user="ann", password=PASSWORD), "cannot-ask", word)
    knows_names(probe, provider)
    listed = probe.ask("list", provider)
    check(listed["count"] == 13, "everybody is listed", listed)
    answer = probe.ask("test", provider, user="ann", password=PASSWORD)
    expect_steps(answer, bind="fine", base="fine", filter="fine", login="fine")
    check(PASSWORD not in str(answer) and "reader secret" not in str(answer), "no secret in a test's answer")
    return answer


def sql_server(servers, probe, engine, port):
    provider = sql(engine, server=f"dc1.corp.test:{port}", database="staff", login="reader", ca=servers.authority.pem)
    answer = sql_logins(probe, provider)
    expect_steps(answer, resolve="fine", connect="fine", rights="fine")
    change = lambda **settings: {**provider, "settings": {**provider["settings"], **settings}}
    expect(probe.ask("check", change(security="none"), user="ann", password=PASSWORD), "right")
    writer = sql(engine, server=f"dc1.corp.test:{port}", database="staff", login="writer", ca=servers.authority.pem,
                 secret="writer secret")
    expect_steps(probe.ask("test", writer), rights="partly")
    expect(probe.ask("check", change(login="stranger"), user="ann", password=PASSWORD), "cannot-ask", "refused the database account")
    expect(probe.ask("check", {**provider, "secrets": {"password": "wrong"}}, user="ann", password=PASSWORD), "cannot-ask",
           "refused the database account")
    expect(probe.ask("check", change(database="nosuch"), user="ann", password=PASSWORD), "cannot-ask")
    expect(probe.ask("check", change(ca=""), user="ann", password=PASSWORD), "cannot-ask", "not trusted")
    expect(probe.ask("check", change(server="localhost:%d" % port), user="ann", password=PASSWORD), "cannot-ask",
           "not for localhost")
    expect(probe.ask("check", change(server="127.0.0.1:1"), user="ann", password=PASSWORD), "cannot-ask", "cannot be reached")
    slow = {"postgresql": "SELECT password FROM users, pg_sleep(20) WHERE name = {user}",
            "mariadb": "SELECT password FROM users WHERE name = {user} AND SLEEP(20) = 0"}[engine]
    within(expect(probe.ask("check", change(query=slow), user="ann", password=PASSWORD, patience=1500), "cannot-ask"), 2.5)
    for manner in ("hang", "garbage", "close"):
        bad_port = port + 100 + len(manner)
        world.BadServer(servers, bad_port, manner)
        bad = change(server=f"127.0.0.1:{bad_port}")
        within(expect(probe.ask("check", bad, user="ann", password=PASSWORD, patience=1500), "cannot-ask"), 3)
    world.SlowRelay(servers, port + 200, port, 5)
    late = change(server=f"dc1.corp.test:{port + 200}")
    within(expect(probe.ask("check", late, user="ann", password=PASSWORD, patience=2000), "cannot-ask"), 2.7)
    expect(probe.ask("check", late, user="ann", password=PASSWORD, patience=15000), "right")
    return provider


def sql_bad_certificate(probe, provider, step, fact, todo):
    """A login and the step of the graded test say what is wrong with the server's certificate."""
    provider = {**provider, "settings": {**provider["settings"], "timeout": "4"}}  # no connection from before
    answer = expect(probe.ask("check", provider, user="ann", password=PASSWORD), "cannot-ask", fact, todo)
    check("password" not in answer["why"].lower(), "no word of a password", answer)
    answer = probe.ask("test", provider)
    check(step_of(answer, step)["state"] == "broken", f"the step {step} is broken", answer["text"])
    check(fact in step_of(answer, step)["why"], f"it says {fact}", answer["text"])
    check(todo in step_of(answer, step)["todo"], "and what to do", answer["text"])
    open_one = {**provider, "settings": {**provider["settings"], "security": "none"}}
    expect(probe.ask("check", open_one, user="ann", password=PASSWORD), "right")


TDS = "DRIVER={FreeTDS};SERVER=127.0.0.1;PORT=%d;DATABASE=staff;UID=reader;TDS_Version=7.4"


def sql_freetds(servers, probe, lite):
    """The driver for Microsoft SQL Server against what is no SQL Server."""
    def ask(port, more=""):
        provider = sql("odbc", connection=TDS % port + more)
        for password in (PASSWORD, "wrong"):
            answer = expect(probe.ask("check", provider, user="ann", password=password, patience=2000), "cannot-ask")
            within(answer, 3.5)
            check(not answer["isPersonal"], "it is the server's trouble", answer)
        answer = probe.ask("test", provider, user="ann", password=PASSWORD, patience=2000)
        check(step_of(answer, "bind")["state"] == "broken", "the graded test says so", answer["text"])
        within(answer, 6)
        return provider, step_of(answer, "bind")["why"]

    print("freetds, nothing listens:", ask(1)[1], flush=True)
    for port, manner in ((3501, "garbage"), (3502, "close"), (3503, "hang")):
        world.BadServer(servers, port, manner)
        for more in ("", ";Encryption=require"):
            provider, why = ask(port, more)
            print(f"freetds, {manner}{more}:", why, flush=True)
    def dribble(connection):
        connection.recv(4096)
        connection.sendall(bytes([4, 1, 16, 0, 0, 0, 1, 0]))  # the head of an answer of 4,096 bytes
        for _ in range(32):
            time.sleep(0.25)
            connection.sendall(b"\0")

    # The driver waits again after each byte; the login is answered at its deadline all the same.
    world.BadServer(servers, 3504, dribble)
    slow = sql("odbc", connection=TDS % 3504, timeout="2")
    for password in (PASSWORD, "wrong"):
        answer = expect(probe.ask("login", slow, user="ann", password=password), "cannot-ask")
        within(answer, 3)
        print("freetds, dribble:", answer["took"], "ms", answer["why"], flush=True)

    def is_quick():
        alone = probe.ask("bench", lite, user="ann", password=PASSWORD, milliseconds=1500)
        beside = probe.ask("bench", lite, user="ann", password=PASSWORD, milliseconds=1500, hanging=provider)
        print(f"freetds: {alone['per_second']:.0f} logins/s of another provider, {beside['per_second']:.0f} beside a "
              "hanging one", flush=True)
        return beside["per_second"] > alone["per_second"] / 2
    check(any(is_quick() for _ in range(3)), "a hanging one does not slow others")


def run_sql(servers, probe):
    path = world.make_sqlite(servers)
    lite = sql("sqlite", file=str(path))
    answer = sql_logins(probe, lite)
    expect_steps(answer, rights="fine")
    for changed, word in ((servers.folder / "nosuch.db", "cannot be opened"), (servers.certificate[0], "no sound SQLite")):
        expect(probe.ask("check", sql("sqlite", file=str(changed)), user="ann", password=PASSWORD), "cannot-ask", word)
    endless = ("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT password FROM users, n "
               "WHERE name = {user} AND x < 0")
    within(expect(probe.ask("check", sql("sqlite", file=str(path), query=endless), user="ann", password=PASSWORD,
                            patience=1000), "cannot-ask", "in time"), 2)
    print("sqlite", flush=True)
    postgresql = world.start_postgresql(servers, 5433)
    provider = sql_server(servers, probe, "postgresql", 5433)
    servers.stop(postgresql)
    postgresql = world.start_postgresql(servers, 5433, servers.expired)
    sql_bad_certificate(probe, provider, "tls", "certificate ended on", "Renew")
    servers.stop(postgresql)
    postgresql = world.start_postgresql(servers, 5433, servers.wrong_name)
    sql_bad_certificate(probe, provider, "tls", "not for dc1.corp.test", "name")
    servers.stop(postgresql)
    expect(probe.ask("check", provider, user="ann", password=PASSWORD), "cannot-ask")
    print("postgresql", flush=True)
    mariadb = world.start_mariadb(servers, 3307)
    provider = sql_server(servers, probe, "mariadb", 3307)
    print("mariadb", flush=True)
    odbc = sql("odbc", connection="DRIVER={MariaDB Unicode};SERVER=127.0.0.1;PORT=3307;DATABASE=staff;UID=reader")
    answer = sql_logins(probe, odbc)
    expect_steps(answer, rights="unknown")
    expect(probe.ask("check", {**odbc, "secrets": {"password": "wrong"}}, user="ann", password=PASSWORD), "cannot-ask")
    expect(probe.ask("check", sql("odbc", connection="DRIVER={No Such}"), user="ann", password=PASSWORD), "cannot-ask",
           "driver cannot be loaded")
    sql_freetds(servers, probe, lite)
    servers.stop(mariadb)
    mariadb = world.start_mariadb(servers, 3307, servers.expired)
    sql_bad_certificate(probe, provider, "bind", "certificate ended on", "Renew")
    servers.stop(mariadb)
    mariadb = world.start_mariadb(servers, 3307, servers.wrong_name)
    sql_bad_certificate(probe, provider, "bind", "not for dc1.corp.test", "name")
    servers.stop(mariadb)
    expect(probe.ask("check", provider, user="ann", password=PASSWORD), "cannot-ask")
    expect(probe.ask("check", odbc, user="ann", password=PASSWORD), "cannot-ask")
    print("odbc", flush=True)


def main():
    kind, program = sys.argv[1], sys.argv[2]
    world.enter_own_network(["dc1.corp.test"])
    with world.Servers() as servers:
        probe = world.Probe(servers, program)
        {"ldap": run_ldap, "radius": run_radius, "http": run_http, "sql": run_sql}[kind](servers, probe)
    print(f"{kind}: {checks} checks passed")


if __name__ == "__main__":
    main()
