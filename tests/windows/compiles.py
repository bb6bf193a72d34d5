"""Compiles for Windows the sources that have a branch for it or one for Linux.

    compiles.py SOURCE_FOLDER VERSION

MinGW-w64 with the headers of Poco, Boost and OpenSSL of this machine: nothing is linked and nothing is run, so that a
pass says that the branches are C++ which the Windows headers agree with, and no more.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

COMPILER = "x86_64-w64-mingw32-g++-posix"
# As causeway_build.cmake defines them.
DEFINITIONS = ["WIN32_LEAN_AND_MEAN", "NOMINMAX", "_WIN32_WINNT=0x0A00", "BOOST_ASIO_NO_DEPRECATED",
               "BOOST_ASIO_SEPARATE_COMPILATION", "BOOST_BEAST_SEPARATE_COMPILATION"]
# Poco spells them as Windows does, whose files know no case.
SPELLINGS = {"Winsock2.h": "winsock2.h", "Ws2tcpip.h": "ws2tcpip.h", "Windows.h": "windows.h", "Iphlpapi.h": "iphlpapi.h"}
BRANCHES = ("_WIN32", "__linux__")


def headers(folder):
    """The headers that do not depend on the system, and none of this system's own."""
    for name in ("Poco", "boost", "toml++", "CLI", "unicode", "sqlite3.h"):
        (folder / name).symlink_to(f"/usr/include/{name}")
    (folder / "openssl").mkdir()
    for found in [pathlib.Path("/usr/include/openssl"), *pathlib.Path("/usr/include").glob("*-linux-gnu/openssl")]:
        for header in found.iterdir():
            (folder / "openssl" / header.name).symlink_to(header)
    for spelt, real in SPELLINGS.items():
        (folder / spelt).write_text(f"#include <{real}>\n")


def sources(root):
    chosen = set()
    for part in ("service", "shared", "console/client", "console/presenters", "console/cli", "console/report"):
        for path in (root / part).rglob("*.cpp"):
            text = path.read_text(encoding="utf-8")
            if any(branch in text for branch in BRANCHES):
                chosen.add(str(path.relative_to(root)))
    return sorted(chosen)


def main():
    root, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    compiler = shutil.which(COMPILER)
    if compiler is None:
        sys.exit(f"{COMPILER} is missing; installer/install-packages.sh test installs it.")
    words = [*([cache] if (cache := shutil.which("ccache")) else []), compiler, "-std=c++20", "-c", "-O0", f"-I{root}", "-include", f"{root}/installer/cmake/windows_names.h",
             *(f"-D{each}" for each in DEFINITIONS), f'-DCAUSEWAY_VERSION="{version}"']
    with tempfile.TemporaryDirectory() as place:
        # One name for ever, or ccache would know nothing again.
        folder = pathlib.Path(tempfile.gettempdir()) / f"causeway-windows-headers-{os.getuid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        headers(folder)

        def compile_one(name):
            out = pathlib.Path(place) / (name.replace("/", "_") + ".o")
            done = subprocess.run([*words, "-isystem", str(folder), str(root / name), "-o", str(out)], capture_output=True,
                                  text=True, check=False)
            return name, done.returncode, done.stderr

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(compile_one, sources(root)))
        shutil.rmtree(folder, ignore_errors=True)
    bad = [(name, text) for name, code, text in results if code != 0]
    for name, text in bad:
        print(f"== {name}\n" + "\n".join(line for line in text.splitlines() if "error" in line))
    # Without these the search for sources would be broken.
    for must in ("service/app/main.cpp", "service/app/process.cpp", "service/net/udp_port_portable.cpp"):
        assert must in [name for name, _, _ in results], f"{must} was not compiled"
    print(f"{len(results) - len(bad)} of {len(results)} sources compile for Windows")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
