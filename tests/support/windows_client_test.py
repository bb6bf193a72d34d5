"""Checks the scripted Windows client against packets of the real one (windows_client_vectors.txt)."""

import os
import unittest

import windows_client as windows
from windows_client import WindowsCore

HERE = os.path.dirname(os.path.abspath(__file__))


def vectors():
    found = {}
    with open(os.path.join(HERE, "windows_client_vectors.txt"), encoding="ascii") as file:
        for line in file:
            if not line.startswith("#"):
                name, sender, payload = line.strip().split(" | ")
                found[name] = (sender, bytes.fromhex(payload))
    return found


VECTORS = vectors()
SERVER = "192.168.71.2"


def without_number(data):
    version, _, rest = data.split(b":", 2)
    return version + b":" + rest


class Scene(unittest.TestCase):
    def setUp(self):
        self.core = WindowsCore("taro", "PC-TARO", "192.168.71.11", "192.168.71.255")
        self.core.user = "taro-<3ad520c2bb732945>"
        self.core.servers = {SERVER, "192.168.71.3", "192.168.71.4", "192.168.71.5", "192.168.72.2"}
        self.core.start(0.0)
        self.run_to(6.0)
        self.core.out = []

    def run_to(self, now):
        """Lets the time pass; returns everything sent as (time, bytes, address, port)."""
        sent = []
        while True:
            sent += [(getattr(self, "now", 0.0), *item) for item in self.core.out]
            self.core.out = []
            due = self.core.next_due()
            if due is None or due > now:
                break
            self.now = due
            self.core.tick(due)
        self.now = now
        return sent

    def give(self, name, now=10.0, port=2425):
        sender, data = VECTORS[name]
        self.core.receive(data, sender, port, now)
        sent, self.core.out = self.core.out, []
        return sent

    def seen(self):
        return {peer.address for peer in self.core.peers.values()}

    def same_as_captured(self, sent, name):
        self.assertEqual(without_number(sent), without_number(VECTORS[name][1]))


class Sending(Scene):
    def test_it_starts_with_noop_then_entry_after_250_ms_and_again_5_s_later(self):
        self.core = WindowsCore("taro", "PC-TARO", "192.168.71.11", "192.168.71.255")
        self.core.user = "taro-<3ad520c2bb732945>"
        self.now = 0.0
        self.core.start(0.0)
        sent = self.run_to(20.0)
        self.assertEqual([round(at, 2) for at, *_ in sent], [0.0, 0.25, 5.25])
        self.assertEqual({(address, port) for _, _, address, port in sent}, {("192.168.71.255", 2425)})
        self.same_as_captured(sent[1][1], "entry")
        self.same_as_captured(sent[2][1], "entry")
        self.assertIn(b":258211840:", sent[0][1])

    def test_it_answers_an_entry_within_the_measured_delay_and_in_the_captured_form(self):
        self.give("server_entry_dialup")
        sent = self.run_to(20.0)
        self.assertEqual(len(sent), 1)
        self.assertTrue(10.005 <= sent[0][0] <= 11.03, sent[0][0])
        self.same_as_captured(sent[0][1], "ansentry_utf8")

    def test_it_answers_clients_without_utf8_in_the_plain_form(self):
        self.core.receive(VECTORS["iptux_ansentry"][1].replace(b":259:", b":257:"), "192.168.72.3", 2425, 10.0)
        self.same_as_captured(self.run_to(20.0)[0][1], "ansentry_plain")

    def test_it_answers_getinfo_and_getabsenceinfo_at_once(self):
        for command, name in ((64, "sendinfo"), (80, "sendabsenceinfo")):
            self.core.receive(b"1:5:u:h:%d:\0" % command, "192.168.71.2", 2425, 10.0)
            self.same_as_captured(self.core.out.pop()[0], name)

    def test_it_gives_its_key_and_asks_back(self):
        self.core.modulus = int(VECTORS["anspubkey"][1].rstrip(b"\0").split(b"-")[-1], 16)
        self.core.receive(b"1:5:u:h:114:65920006\0", "192.168.71.9", 2425, 10.0)
        self.same_as_captured(self.core.out[0][0], "getpubkey_back")
        self.same_as_captured(self.core.out[1][0], "anspubkey")

    def test_its_fingerprint_is_that_of_the_real_key(self):
        modulus = int(VECTORS["anspubkey"][1].rstrip(b"\0").split(b"-")[-1], 16)
        self.assertEqual(windows.fingerprint(modulus), "3ad520c2bb732945")

    def test_absence_goes_to_dialup_hosts_until_the_refresh_forgets_them(self):
        self.give("server_entry_dialup")
        self.run_to(20.0)
        self.core.set_absence("meal", 20.0)
        sent = self.run_to(30.0)
        mine = [data for _, data, address, _ in sent if address == "192.168.72.2"]
        self.same_as_captured(mine[0], "absence_unicast")
        self.core.refresh(40.0)
        self.assertEqual({address for _, _, address, _ in self.run_to(60.0)}, {"192.168.71.255"})

    def test_it_fetches_the_key_of_a_member_master_before_it_answers(self):
        sent = self.give("entry_master")
        self.same_as_captured(sent[0][0], "getpubkey_master")

    def test_it_pages_a_list_that_it_gives(self):
        for index in range(700):
            self.core.receive(b"1:%d:u%d:h%d:1:Nickname of %d\0Group\0" % (index, index, index, index),
                              f"10.0.{index // 250}.{index % 250 + 1}", 2425, 10.0)
        self.core.receive(b"1:5:s:s:18:\0", SERVER, 2425, 11.0)
        first = self.core.out.pop()[0].split(b":", 5)[5]
        more = int(first[:5])
        self.assertGreater(more, 300)
        self.core.receive(b"1:6:s:s:18:%d\0" % more, SERVER, 2425, 11.0)
        last = self.core.out.pop()[0].split(b":", 5)[5]
        self.assertEqual(int(last[:5]), 0)
        self.assertEqual(int(first[6:11]) + int(last[6:11]), 701)

    def test_its_own_list_looks_like_the_captured_one(self):
        captured = VECTORS["list_given"][1].split(b":", 5)
        self.core.receive(b"1:5:s:s:%d:\0" % (18 | windows.UTF8OPT), SERVER, 2425, 10.0)
        mine = self.core.out.pop()[0].split(b":", 5)
        self.assertEqual(mine[4], captured[4])
        self.assertEqual(mine[5].split(b"\x07")[2:9], captured[5].split(b"\x07")[2:9])


class ClassicLists(Scene):
    def test_the_first_list_is_taken_and_the_second_refused(self):
        self.give("list_first")
        self.give("list_second", 20.0)
        self.assertEqual(self.seen(), {"192.168.72.22", "192.168.72.23"})
        self.assertEqual((self.core.lists_taken, self.core.lists_refused), (1, 1))

    def test_a_chunk_is_answered_by_getlist_and_keeps_the_window_open_for_three_seconds(self):
        sent = self.give("list_chunk")
        self.same_as_captured(sent[0][0], "getlist_one")
        self.run_to(12.9)
        self.assertTrue(self.core.window_open)
        self.run_to(13.1)
        self.assertFalse(self.core.window_open)

    def test_okgetlist_is_answered_inside_the_window_only(self):
        packet = b"1:5:chatsrv:SERVER:17:\0"
        self.core.receive(packet, SERVER, 2425, 10.0)
        self.same_as_captured(self.core.out.pop()[0], "getlist_first")
        self.give("list_first")
        self.core.receive(packet, SERVER, 2425, 20.0)
        self.assertEqual(self.core.out, [])

    def test_status_zero_removes(self):
        self.give("list_add_remove")
        self.assertEqual(self.seen(), {"192.168.72.21"})

    def test_a_refresh_forgets_everybody_and_opens_the_window_again(self):
        self.give("list_first")
        self.core.refresh(30.0)
        self.assertEqual(self.seen(), set())
        self.give("list_second", 31.0)
        self.assertEqual(self.seen(), {"192.168.72.21"})

    def test_a_port_that_is_not_byte_swapped_is_misread_and_blamed(self):
        self.give("list_dialup_ports")
        self.assertEqual(sorted(peer.port for peer in self.core.peers.values()), [2425, 30985])
        self.assertTrue(any("port 2425" in line for line in self.core.violations))

    def test_empty_fields_and_wrong_counts_are_blamed(self):
        self.core.receive(b"1:5:s:s:8388627:    0\x07    1\x07u\x07h\x0718874368\x07192.168.72.2\x0730985\x07\x07g\x07\0",
                          SERVER, 2425, 10.0)
        self.assertTrue(any("empty field" in line for line in self.core.violations))

    def test_the_receiver_and_his_neighbours_must_not_be_listed(self):
        for address, words in (("192.168.71.11", "receiver himself"), ("192.168.71.12", "own segment")):
            self.core.refresh(100.0 if "11" in address[-2:] else 200.0)
            row = f"u{address}\x07h\x0718874368\x07{address}\x0730985\x07n\x07g\x07".encode()
            self.core.receive(b"1:5:s:s:8388627:    0\x07    1\x07" + row + b"\0", SERVER, 2425, 201.0)
            self.assertTrue(any(words in line for line in self.core.violations), self.core.violations)

    def test_two_lists_within_seven_seconds_are_blamed(self):
        self.give("list_first", 10.0)
        self.give("list_second", 16.0)
        self.assertTrue(any("at least 7 s" in line for line in self.core.violations))

    def test_packets_of_one_list_and_lists_that_were_asked_for_are_not_blamed(self):
        self.give("list_chunk", 10.0)
        self.give("list_second", 10.2)
        self.assertFalse(any("at least 7 s" in line for line in self.core.violations))


class SignedLists(Scene):
    def test_a_list_with_a_fingerprinted_name_is_taken_at_any_time(self):
        self.give("list_first")
        self.give("signed_both", 20.0)
        self.assertEqual(len(self.seen()), 4)
        self.assertEqual(self.core.violations, ["taro: port 2425 in ANSLIST; 2425 is written 30985"])

    def test_entries_without_act_or_with_act_0_remove(self):
        self.give("signed_both", 10.0)
        before = self.seen()
        self.give("signed_gus_eve", 20.0)
        self.assertEqual(len(self.seen() & before), 1)
        self.assertEqual(len(self.seen()), 2)
        self.give("signed_fay_gone", 30.0)
        self.assertEqual(len(self.seen()), 1)

    def test_bad_signatures_and_counts_are_dropped_whole(self):
        for name, words in (("signed_bad_bit", "signature"), ("signed_without_sign", "without SIGN"),
                            ("signed_other_key", "fingerprint"), ("signed_num_wrong", "NUM")):
            self.core.violations = []
            self.give(name)
            self.assertEqual(self.seen(), set(), name)
            self.assertTrue(any(words in line for line in self.core.violations), (name, self.core.violations))

    def test_a_changed_key_under_a_plain_name_is_refused(self):
        self.give("signed_plain_name", 10.0)
        self.assertEqual(len(self.seen()), 1)
        self.core.peers.clear()
        self.give("signed_plain_name_new_key", 20.0)
        self.assertEqual(self.seen(), set())

    def test_a_fingerprinted_user_without_encryptopt_is_skipped(self):
        self.give("signed_one_without_encrypt")
        self.assertEqual(len(self.seen()), 1)

    def test_dialupopt_in_a_list_makes_a_dialup_host(self):
        self.give("signed_dialup")
        self.assertEqual(len(self.core.dialup), 1)

    def test_openssl_agrees_about_the_signature(self):
        for name, is_good in (("signed_both", True), ("signed_bad_bit", False)):
            pairs = windows.read_dict(windows.dict_content(VECTORS[name][1]))
            values = dict(pairs)
            signed = windows.pack_dict(b":".join(b"%s:%x:%s" % (key.encode(), len(value), value)
                                                 for key, value in pairs[:-1]))
            modulus, exponent = int.from_bytes(values["PUBN"], "big"), int(values["PUBE"], 16)
            self.assertEqual(windows.verify_with_openssl(modulus, exponent, values["SIGN"], signed), is_good, name)

    def test_a_client_without_the_flag_blames_any_ipdict_packet(self):
        self.core.state &= ~windows.CAPIPDICTOPT
        self.give("signed_both")
        self.assertEqual(self.seen(), set())
        self.assertTrue(any("CAPIPDICTOPT" in line for line in self.core.violations))


class Entries(Scene):
    def test_a_second_address_within_seven_seconds_is_ignored_and_later_taken(self):
        sender, data = VECTORS["second_address_early"]
        self.core.receive(data, "192.168.71.6", 2425, 10.0)
        self.give("second_address_early", 11.3)
        self.assertEqual(self.seen(), {"192.168.71.6"})
        self.give("second_address_late", 19.4)
        self.assertEqual(self.seen(), {sender})

    def test_another_user_on_a_known_address_replaces_the_former(self):
        self.core.receive(VECTORS["second_address_early"][1], "192.168.71.6", 2425, 10.0)
        self.give("other_user_known_address", 11.0)
        self.assertEqual([peer.user for peer in self.core.peers.values()], ["pat"])

    def test_an_exit_removes_by_address(self):
        self.core.receive(VECTORS["iptux_ansentry"][1], "192.168.72.8", 2425, 10.0)
        self.give("exit_unknown_name")
        self.assertEqual(self.seen(), set())

    def test_a_fingerprint_without_encryptopt_is_dropped(self):
        self.give("entry_without_encrypt")
        self.assertEqual((self.seen(), self.run_to(20.0)), (set(), []))
        self.give("entry_with_encrypt", 20.0)
        self.assertEqual(self.seen(), {"192.168.71.8"})

    def test_a_server_that_floods_entries_is_blamed(self):
        for index in range(11):
            self.give("server_entry_dialup", 10.0 + index * 0.1)
        self.assertTrue(any("within 10 s" in line for line in self.core.violations))

    def test_a_wrong_source_port_is_blamed(self):
        self.give("server_entry_dialup", 10.0, port=40000)
        self.assertTrue(any("40000" in line for line in self.core.violations))


if __name__ == "__main__":
    unittest.main(verbosity=1)
