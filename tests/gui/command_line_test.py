"""What causeway-console says without a window: --help and --version, also where there is no screen.

    command_line_test.py CAUSEWAY_CONSOLE VERSION
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import check, say  # noqa: E402


def main():
    binary, version = sys.argv[1:3]
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}

    def run(*words):
        done = subprocess.run([binary, *words], capture_output=True, text=True, timeout=30, env=environment, check=False)
        check(done.returncode == 0, f"{' '.join(words)} ends with {done.returncode}: {done.stderr}")
        return done.stdout

    told = run("--version")
    check(told == f"causeway-console {version}\n", f"--version says {told!r}")
    for words in (("--help",), ("-h",), ("--page", "users", "--help")):
        told = run(*words)
        check(told.startswith(f"causeway-console {version}\nUsage: "), f"{words} says {told!r}")
        for option in ("--help", "--version", "--data=", "--connect=", "--page=", "--lang="):
            check(option in told, f"{words} does not name {option}")
    say("passed")


if __name__ == "__main__":
    main()
