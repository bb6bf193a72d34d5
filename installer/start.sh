#!/bin/sh
# Installs what is missing, builds Causeway, and runs it in this terminal until Ctrl-C. Asks no question.
#   sh installer/start.sh [--data DIR] [--no-console] [options of causewayd, such as --set lan.introductions=on]
# A second run finds everything installed and built and starts within seconds.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build/release

say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

if [ "$(id -u)" -eq 0 ]; then
    data=/var/lib/causeway
else
    data=${XDG_DATA_HOME:-${HOME:?Set HOME or name a folder with --data.}/.local/share}/causeway
fi
want_console=yes
# Everything that is not for this script goes to causewayd as it is.
count=$#
while [ "$count" -gt 0 ]; do
    count=$((count - 1))
    word=$1
    shift
    case $word in
    --data)
        [ "$count" -gt 0 ] || stop "--data needs a folder, such as --data /var/lib/causeway."
        data=$1
        shift
        count=$((count - 1))
        ;;
    --data=*) data=${word#--data=} ;;
    --no-console) want_console=no ;;
    -h | --help)
        sed -n '2,4s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) set -- "$@" "$word" ;;
    esac
done

sh "$top/installer/install-packages.sh" build console || exit 1

mkdir -p "$build" 2>/dev/null || stop "The folder $build cannot be made: you may not write there. Take a copy of the project that belongs to you."
log=$build/build.log
built() {
    [ -f "$build/build.ninja" ] || cmake -S "$top" -B "$build" -G Ninja -DCAUSEWAY_CONSOLE=ON -DCAUSEWAY_TESTS=OFF || return 1
    ninja -C "$build"
}
[ -x "$build/bin/causewayd" ] || say "Building Causeway in build/release. The first time this takes some minutes; the log is build/release/build.log."
if ! built >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    stop "The build failed; the last lines are above and the whole log is $log. If a package is named there, mend that and run this again."
fi

mkdir -p "$data" 2>/dev/null || stop "The data folder $data cannot be made: you may not write there. Name another one with --data DIR."
# Its own name: another service may run with this folder, which causewayd finds out and says.
ready=$data/ready-$$.json

service=
console=
is_asked_to_stop=no
ask_to_stop() {
    is_asked_to_stop=yes
    [ -z "$console" ] || kill -TERM "$console" 2>/dev/null || :
    [ -z "$service" ] || kill -TERM "$service" 2>/dev/null || :
}
trap ask_to_stop INT TERM HUP

"$build/bin/causewayd" --data "$data" --ready-file "$ready" "$@" &
service=$!

# `wait` also returns when a signal comes, so it is asked again until the service is really gone.
finish() {
    code=0
    while :; do
        code=0
        wait "$service" || code=$?
        kill -0 "$service" 2>/dev/null || break
    done
    rm -f "$ready"
    [ "$is_asked_to_stop" = no ] || { say "Causeway has stopped."; exit 0; }
    [ "$code" -eq 0 ] || printf '%s\n' "The service ended with code $code; the reason is in its last lines above." >&2
    exit "$code"
}

tries=0
while [ ! -s "$ready" ]; do
    kill -0 "$service" 2>/dev/null || finish
    [ "$is_asked_to_stop" = no ] || finish
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
        kill -TERM "$service" 2>/dev/null || :
        printf '%s\n' "The service did not become ready within a minute; its last lines above say what it waits for." >&2
        wait "$service" || :
        exit 1
    fi
    sleep 0.1
done

# The ready file is one line of JSON: {"pid":..,"admin":"127.0.0.1:8425","listeners":{"lan":..},"problems":["..."]}
admin=$(sed -n 's/.*"admin":"\([^"]*\)".*/\1/p' "$ready")
lan=$(sed -n 's/.*"lan":"\([^"]*\)".*/\1/p' "$ready")
problems=$(sed -n 's/.*"problems":\["\(.*\)"\].*/\1/p' "$ready" | sed 's/","/\n/g; s/\\"/"/g')
ctl="$build/bin/causewayctl --data $data"
say ""
say "Causeway is running (process $service)."
say "  data folder   $data"
if [ -n "$lan" ]; then
    say "  LAN           UDP $lan"
else
    say "  LAN           not listening"
fi
say "  admin API     https://$admin  (token: $data/admin.token)"
if [ -n "$problems" ]; then
    say ""
    printf '%s\n' "$problems" | sed 's/^/  Problem: /'
fi
say ""
say "Try next, in another terminal:"
say "  $ctl status"
say "  $ctl users"
say "  $ctl ranges add 192.168.72.0/24     # a segment that broadcasts from here do not reach"
say "  $ctl search start"
say "  $build/bin/causeway-console --data $data"
say ""
say "Ctrl-C stops it."

if [ "$want_console" = yes ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    "$build/bin/causeway-console" --data "$data" >"$data/console.log" 2>&1 &
    console=$!
fi
finish
