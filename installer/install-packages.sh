#!/bin/sh
# Installs the Debian packages of the named sections of packages.list that are missing on this machine.
#   sh installer/install-packages.sh SECTION...     sections: build run console test
#   sh installer/install-packages.sh --list SECTION...   only prints their names
# Ends with 0 if everything is there. Asks no question; uses sudo only if something is missing.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

only_list=no
if [ "${1:-}" = --list ]; then
    only_list=yes
    shift
fi
[ $# -gt 0 ] || stop "Which packages? Name one or more sections: build run console test."

packages=
for section in "$@"; do
    grep -q "^\[$section\]" "$here/packages.list" || stop "There is no section \"$section\" in installer/packages.list. Take build, run, console or test."
    packages="$packages $(sed -e 's/[[:space:]]*#.*//' "$here/packages.list" |
        awk -v wanted="[$section]" '/^\[/ { on = ($1 == wanted); next } on && NF { print $1 }')"
done
if [ "$only_list" = yes ]; then
    printf '%s\n' $packages
    exit 0
fi

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    stop "This is not a Debian-like system (no apt-get), so packages cannot be installed by this script. Install the counterparts of the list in installer/packages.list by hand, then build with cmake."
fi

# One look at the package database for all names.
missing() {
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $packages 2>/dev/null | awk '$1 == "ii" { print $2 }')
    for package in $packages; do
        printf '%s\n' "$installed" | grep -qx -- "$package" || printf '%s ' "$package"
    done
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
        stop "Packages are missing, and installing them needs root; there is no sudo here. Ask an administrator to run: apt-get install $wanted"
    # With a terminal sudo may ask for the password once; without one it must not.
    if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && sudo -v; }; then
        stop "Packages are missing, and sudo does not let you install them without a password. Run as root: apt-get install $wanted"
    fi
    as_root=sudo
fi

say "Installing: $wanted"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# tshark asks who may capture; the answer of the noninteractive front end is "only root".
install() {
    $as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends $wanted >"$log" 2>&1 </dev/null
}
update() {
    say "Fetching the package lists (apt-get update)."
    $as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update >>"$log" 2>&1 </dev/null
}
if ! install; then
    update || true
    if ! install; then
        if grep -qE 'Unable to fetch|Could not resolve|Failed to fetch|Connection failed|Could not connect|Temporary failure' "$log"; then
            stop "The packages could not be fetched: the package registry of this machine cannot be reached. Check the network and the lines of /etc/apt, then run this again."
        fi
        if grep -q 'Unable to locate package' "$log"; then
            stop "Some packages are unknown to this system (its lists may be out of reach, or it is not Debian 12): $(sed -n 's/.*Unable to locate package //p' "$log" | tr '\n' ' '). Check the network and /etc/apt, then run this again."
        fi
        say "$(tail -n 5 "$log")"
        stop "apt-get could not install the packages; its last lines are above. Mend that, then run this again."
    fi
fi
wanted=$(missing)
[ -z "$wanted" ] || stop "These packages are still missing after the installation: $wanted"
