"""Names and resources prepared by us and by an independent implementation of PRECIS (python3-precis-i18n) are the same.

    jid_oracle.py JID_PROBE

Random texts of every script, with a fixed seed, over the characters that Python's Unicode knows (ours is newer). Left out: the
characters that only XMPP forbids in names.
"""

import random
import subprocess
import sys
import unicodedata

import precis_i18n

EXCLUDED_IN_NAMES = set("\"&'/:<>@")
# Pieces in which rules of context, direction, width and case are at work; chance alone would rarely meet them.
PIECES = ["a", "L", "l\u00b7l", "\u00b7", "\u0375\u03b1", "\u0375", "\u05d0\u05f3", "\u05d0", "\u05f4", "\u30ab\u30fb", "\u30fb", "\u0660", "\u06f0",
          "\u0915\u094d\u200d", "\u200d", "\u200c", "\u0628\u200c\u0628", "\uff21", "\uff76", "\u2163", "\u00df", "\u03c2", "\u03a3", "\u0130",
          "u\u0308", "\u1e9e", "1", " ", "\u00a0", "\u3000", "\u0640", "\u1100", "\uac00", "\u4e00", "\U0001f600", "\u202e", "\u0301", "\u01c5"]


def letters():
    return [chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn"]


def texts(count):
    rng = random.Random(20261122)
    everything = letters()
    yield from everything  # each character alone
    for _ in range(count):
        yield "".join(rng.choice(PIECES) if rng.random() < 0.7 else rng.choice(everything) for _ in range(rng.randint(1, 6)))


def ours(probe, what, all_texts):
    lines = "\n".join(text.encode().hex() for text in all_texts) + "\n"
    done = subprocess.run([probe, what], input=lines, capture_output=True, text=True, timeout=300, check=True)
    return [None if line == "-" else bytes.fromhex(line).decode() for line in done.stdout.splitlines()]


def main():
    all_texts = list(texts(60000))
    differences = 0
    for what, profile in (("local", "UsernameCaseMapped"), ("resource", "OpaqueString")):
        rules = precis_i18n.get_profile(profile)
        answers = ours(sys.argv[1], what, all_texts)
        assert len(answers) == len(all_texts)
        accepted = 0
        for text, answer in zip(all_texts, answers):
            try:
                wanted = rules.enforce(text)
            except UnicodeEncodeError:
                wanted = None
            if what == "local" and wanted is not None and EXCLUDED_IN_NAMES & set(wanted):
                wanted = None
            accepted += wanted is not None
            if answer != wanted:
                differences += 1
                if differences <= 20:
                    print(f"{what} {ascii(text)}: we say {ascii(answer)}, the other says {ascii(wanted)}")
        print(f"{what}: {len(all_texts)} texts, {accepted} accepted")
        assert 1000 < accepted < len(all_texts) - 1000
    assert differences == 0, f"{differences} differences"


main()
