"""Scripted clients with the manners of IP Messenger for Windows, and the real service; one real iptux in the mixed part.

    lan_windows.py PART CAUSEWAYD

    lists    signed lists, plain lists, the entry window, paging by GETLIST, refreshes, absence and exit by dial-up
    mixed    Windows and iptux in both segments, introductions on: everybody sees everybody

The clients write down everything that a directory must never do to them; at the end that list must be empty.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Iptux, Lab, Service, check, isolate, say, until  # noqa: E402
from windows_client import WindowsClient, WindowsHall  # noqa: E402

SERVER = "192.168.71.2"
SETTINGS = {"lan.probe_interval": "2", "lan.gone_after": "6", "lan.refresh_check": "10", "lan.list_bytes": "900"}
CROWD = [f"192.168.72.{100 + index}" for index in range(40)]


def guarded(service, hall, function):
    try:
        function()
        problems = hall.violations()
        check(not problems, "the service broke rules of the clients:\n  " + "\n  ".join(problems[:20]))
    except BaseException:
        say("---- what the clients complained of\n  " + "\n  ".join(hall.violations()[:20]))
        say("---- last lines of the service\n" + "\n".join(service.log().splitlines()[-60:]))
        raise


def add_range(service, text):
    status, answer = service.api("POST", "/v1/ranges", {"text": text, "isEnabled": True})
    check(status == 201, f"POST /v1/ranges answered {status}: {answer}")


def user_at(service, address):
    return next((user for user in service.users() if user["address"] == address), None)


def lists(binary):
    with Lab() as lab, WindowsHall() as hall:
        server = lab.host("server", SERVER)
        service = Service(binary, server, SETTINGS)
        place = {name: lab.host(name, address) for name, address in
                 (("taro", "192.168.71.11"), ("ken", "192.168.71.12"), ("late", "192.168.71.14"),
                  ("hana", "192.168.72.21"), ("crowd", "192.168.72.99"))}
        lab.more_addresses(place["crowd"], CROWD)

        def client(name, **options):
            return WindowsClient(hall, place[name], name, servers={SERVER}, **options)

        def run():
            service.start()
            taro = client("taro", group="Sales")
            ken = client("ken", ipdict=False)
            hana = client("hana", group="Branch")
            add_range(service, "192.168.72.0/24")
            took = until("Taro and Hana are in each other's list", 16, lambda: "192.168.72.21" in taro.sees() and
                         {"192.168.71.11", "192.168.71.12"} <= hana.sees())
            say(f"  signed lists showed Taro and Hana to each other: {took:.2f} s")
            took = until("Ken got a plain list", 10, lambda: "192.168.72.21" in ken.sees())
            say(f"  a client without IPDict got its plain list: {took:.2f} s")
            check(taro.figures()["signed"] > 0, "Taro's list was not a signed one")
            check(ken.figures()["signed"] == 0 and ken.figures()["chunks"] > 0, "Ken's list was not a plain one")
            check(hana.figures()["signed"] > 0, "Hana's list was not a signed one")

            # A crowd starts in the other segment. Each list to it takes several packets.
            crowd = [WindowsClient(hall, place["crowd"], f"guest{index}", "Guests", servers={SERVER}, address=address)
                     for index, address in enumerate(CROWD)]
            status, answer = service.api("POST", "/v1/searches", {})
            check(status == 201, f"POST /v1/searches answered {status}: {answer}")
            everybody_there = {"192.168.72.21", *CROWD}
            took = until("the directory has the crowd", 20, lambda: everybody_there <= service.present())
            say(f"  the directory has 40 more users: {took:.2f} s")
            took = until("Taro sees the crowd", 25, lambda: everybody_there <= taro.sees())
            say(f"  Taro's signed lists named all of them: {took:.2f} s")

            # The window of Ken is closed since his first list; only a refresh opens it again.
            chunks_before = ken.figures()["chunks"]
            ken.refresh()
            took = until("Ken sees the crowd after a refresh", 16, lambda: everybody_there <= ken.sees())
            pages = ken.figures()["chunks"] - chunks_before
            say(f"  Ken refreshed and fetched the list in {pages} pages: {took:.2f} s")
            check(pages > 1, f"the list of 41 users at 900 bytes a packet came in {pages} page")
            ports = {peer.port for peer in taro.do(lambda core, now: list(core.peers.values()))}
            ports |= {peer.port for peer in ken.do(lambda core, now: list(core.peers.values()))}
            check(ports == {2425}, f"the clients read the ports {ports} from the lists")

            # Hana is in a segment without a service: what she says reaches it only because it is her dial-up host.
            until("the service is a dial-up host of Hana", 10,
                  lambda: any(address == SERVER for address, _ in hana.do(lambda core, now: set(core.dialup))))
            hana.do(lambda core, now: core.set_absence("Lunch", now))
            took = until("the directory knows that Hana is away", 5,
                         lambda: (user_at(service, "192.168.72.21") or {}).get("isAway") is True)
            say(f"  Hana went to lunch, the directory knows it: {took:.2f} s")
            hana.refresh()
            until("the refresh emptied Hana's list", 2, lambda: not hana.sees() & {"192.168.71.11", "192.168.71.12"})
            took = until("Hana has her list again", 30, lambda: {"192.168.71.11", "192.168.71.12"} <= hana.sees())
            say(f"  Hana refreshed, which no service can hear, and has her list again: {took:.2f} s")
            until("the service is her dial-up host again", 30,
                  lambda: any(address == SERVER for address, _ in hana.do(lambda core, now: set(core.dialup))))
            hana.leave()
            took = until("Hana left, the directory knows it", 5, lambda: "192.168.72.21" not in service.present())
            took += until("Taro's list dropped Hana", 14, lambda: "192.168.72.21" not in taro.sees())
            say(f"  Hana left properly and is off Taro's list: {took:.2f} s")

            for guest in crowd[:5]:
                guest.kill()
            dead = set(CROWD[:5])
            took = until("five killed clients left Taro's list", 6 + 2 + 16, lambda: not dead & taro.sees())
            say(f"  five clients were killed and left Taro's list: {took:.2f} s")
            late = client("late")
            took = until("a late starter has everybody", 16, lambda: set(CROWD[5:]) <= late.sees())
            say(f"  a client that started late has everybody: {took:.2f} s")
            service.stop()

        guarded(service, hall, run)


def mixed(binary):
    with Lab() as lab, WindowsHall() as hall:
        server = lab.host("server", SERVER)
        service = Service(binary, server, {**SETTINGS, "lan.introductions": "true"})
        windows = {"192.168.71.11": "taro", "192.168.72.21": "hana"}
        tuxes = {"192.168.71.12": "Alice", "192.168.72.22": "Xena"}
        everybody = {*windows, *tuxes}

        def run():
            clients = {address: WindowsClient(hall, lab.host(name, address), name, servers={SERVER})
                       for address, name in windows.items()}
            for address, name in tuxes.items():
                clients[address] = Iptux(lab.host(name.lower(), address), name)
                until(f"{name} shows her window", 40, clients[address].is_visible)

            def is_complete():
                return all(everybody - {address} <= client.sees() for address, client in clients.items())

            check(not is_complete(), "everybody sees everybody already without the service")
            service.start()
            add_range(service, "192.168.72.*")
            took = until("everybody sees everybody", 16, is_complete)
            say(f"  Windows and iptux of both segments see each other: {took:.2f} s")
            clients["192.168.71.12"].refresh()
            clients["192.168.71.11"].refresh()
            until("the refresh emptied Taro's list", 2, lambda: "192.168.72.21" not in clients["192.168.71.11"].sees())
            took = until("everybody sees everybody after two refreshes", 16, is_complete)
            say(f"  again after refreshes of Taro and Alice: {took:.2f} s")
            clients["192.168.72.22"].kill()
            took = until("the killed iptux left Taro's list", 6 + 2 + 12,
                         lambda: "192.168.72.22" not in clients["192.168.71.11"].sees())
            say(f"  a killed iptux left the list of a Windows client: {took:.2f} s")
            service.stop()

        guarded(service, hall, run)


def main():
    part = sys.argv[1]
    say(part)
    {"lists": lists, "mixed": mixed}[part](os.path.abspath(sys.argv[2]))
    say("passed")


if __name__ == "__main__":
    isolate()
    main()
