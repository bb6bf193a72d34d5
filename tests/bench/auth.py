"""Logins per second through built-in accounts and LDAP, alone and with a provider hanging beside them.

    auth.py AUTH_PROBE [--seconds N] [--clients N] [--rounds N]

Prints JSON: logins/s of each, and the ratio with to without the hanging provider. The two take turns, round by round, and
the median counts. slapd runs in a private network namespace; the hanging provider takes connections and never answers.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import auth_servers as world  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    world.enter_own_network(["dc1.corp.test"])
    with world.Servers() as servers:
        world.start_slapd(servers, 3389, many=1000)
        world.BadServer(servers, 3501, "hang")
        settings = {"servers": "dc1.corp.test:3389", "ca": servers.authority.pem, "bases": "dc=corp,dc=test",
                    "bind_dn": "cn=reader,dc=corp,dc=test"}
        secrets = {"bind_password": "reader secret"}
        providers = {"built_in": {"kind": "built-in", "settings": {}},
                     "ldap": {"kind": "ldap", "settings": settings, "secrets": secrets}}
        hanging = {"kind": "ldap", "secrets": secrets,
                   "settings": {**settings, "servers": "dc1.corp.test:3501", "timeout": "5"}}
        more = {"user": "ann", "password": world.PASSWORD, "clients": given.clients,
                "milliseconds": int(given.seconds * 1000)}
        result = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0], "clients": given.clients}
        for name, provider in providers.items():
            rounds = {"alone": [], "beside_hanging": []}
            for _ in range(given.rounds):
                # A fresh program for each, so that the breaker of the hanging provider is closed at the start.
                alone = world.Probe(servers, given.probe)
                rounds["alone"].append(alone.ask("bench", provider, **more))
                alone.close()
                beside = world.Probe(servers, given.probe)
                rounds["beside_hanging"].append(beside.ask("bench", provider, hanging=hanging, **more))
                beside.close()
            medians = {key: statistics.median(each["per_second"] for each in all_) for key, all_ in rounds.items()}
            ratios = [b["per_second"] / a["per_second"] for a, b in zip(rounds["alone"], rounds["beside_hanging"])]
            result[name] = {**{key: round(value, 1) for key, value in medians.items()},
                            "ratio": round(medians["beside_hanging"] / medians["alone"], 3),
                            "per_cpu_second": {key: round(statistics.median(each["per_cpu_second"] for each in all_), 1)
                                               for key, all_ in rounds.items()},
                            "ratios": [round(each, 3) for each in ratios],
                            "failed": sum(each["other"] for each in rounds["alone"])}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
