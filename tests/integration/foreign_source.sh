#!/bin/bash
# Proves in network namespaces, as root, what a unit test cannot:
#  - the service sends with a foreign source address from its own socket and port, and its own datagrams keep their own
#  - without the capability it is told Denied, and nothing leaves
#  - a broadcast is told from unicast, and the address to answer from is right
#  - a change of the interfaces is seen at once, and several changes come as one
# Usage: foreign_source.sh PROBE      (the program built from net/foreign_source_probe.cpp)
set -u
probe=$1
id=$$
a=cwfa$id b=cwfb$id
work=$(mktemp -d)
failures=0
watcher=

cleanup() {
    [ -n "$watcher" ] && kill "$watcher" 2>/dev/null
    ip netns del "$a" 2>/dev/null
    ip netns del "$b" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

check() {  # NAME EXPECTED FILE: the file has that line
    if grep -qxF -- "$2" "$3"; then
        echo "ok: $1"
    else
        echo "FAILED: $1"
        echo "  expected the line: $2"
        sed 's/^/  got: /' "$3"
        failures=$((failures + 1))
    fi
}

waitLine() {  # FILE PATTERN: until a line matches, at most 20 s
    local end=$((SECONDS + 20))
    until grep -q -- "$2" "$1" 2>/dev/null; do
        [ "$SECONDS" -ge "$end" ] && return 1
        sleep 0.05
    done
}

if [ "$(id -u)" != 0 ]; then
    echo "FAILED: this test needs root, for network namespaces"
    exit 1
fi
set -e
ip netns add "$a"
ip netns add "$b"
ip -n "$a" link set lo up
ip -n "$b" link set lo up
ip link add cwv0 netns "$a" type veth peer name cwv0 netns "$b"
ip -n "$a" addr add 10.91.1.1/24 broadcast + dev cwv0
ip -n "$b" addr add 10.91.1.2/24 broadcast + dev cwv0
ip -n "$a" link set cwv0 up
ip -n "$b" link set cwv0 up
# Where the foreign user lives; the receiver must have a way back, or its reverse path filter may drop him.
ip -n "$b" route add 10.91.7.0/24 via 10.91.1.1
set +e

ip netns exec "$b" "$probe" receive 0.0.0.0 2425 3 >"$work/received" &
receiver=$!
waitLine "$work/received" ready
ip netns exec "$a" "$probe" send 0.0.0.0 2425 10.91.7.77 10.91.1.2 2425 >"$work/sent"
wait "$receiver"
check "the right to send with a foreign source is there for root" "can send as: yes" "$work/sent"
check "a datagram under a foreign source leaves" "foreign: sent" "$work/sent"
check "it arrives with the foreign address and the service's own port" "10.91.7.77 2425 10.91.1.2 10.91.1.2 foreign" "$work/received"
check "a datagram before it has the own source" "10.91.1.1 2425 10.91.1.2 10.91.1.2 own" "$work/received"
check "a datagram after it has the own source" "10.91.1.1 2425 10.91.1.2 10.91.1.2 own again" "$work/received"
if grep -q "^foreign by send: sent" "$work/sent"; then
    echo "FAILED: send() let a foreign source through"
    failures=$((failures + 1))
else
    echo "ok: send() refuses a source that is not ours, though the right to use one is there"
fi

ip netns exec "$b" "$probe" receive 0.0.0.0 2425 2 >"$work/received2" &
receiver=$!
waitLine "$work/received2" ready
ip netns exec "$a" setpriv --bounding-set=-net_raw,-net_admin --inh-caps=-net_raw,-net_admin \
    "$probe" send 0.0.0.0 2425 10.91.7.77 10.91.1.2 2425 >"$work/sent2"
wait "$receiver"
check "without the capability the right is not claimed" "can send as: no" "$work/sent2"
check "without the capability it is said what to do" \
    "foreign: The introduction to 10.91.1.2 was not sent. The service may not send with another user's address. Start it through its system service, or give it CAP_NET_RAW." \
    "$work/sent2"
check "without the capability own datagrams still leave" "10.91.1.1 2425 10.91.1.2 10.91.1.2 own again" "$work/received2"

ip netns exec "$b" "$probe" receive 0.0.0.0 2425 3 >"$work/received3" &
receiver=$!
waitLine "$work/received3" ready
ip netns exec "$a" setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
    "$probe" send 0.0.0.0 2425 10.91.7.77 10.91.1.255 2425 >"$work/sent3"
wait "$receiver"
check "CAP_NET_RAW alone is enough" "foreign: sent" "$work/sent3"
check "a broadcast is told from unicast, with the address to answer from" "10.91.1.1 2425 10.91.1.255 10.91.1.2 own" "$work/received3"

mkfifo "$work/hold"
ip netns exec "$a" "$probe" watch <"$work/hold" >"$work/watched" &
watcher=$!
exec 9>"$work/hold"
waitLine "$work/watched" ready
# Two changes at once: one call with both.
ip -n "$a" -batch - <<EOF
addr add 10.92.0.9/20 broadcast + dev cwv0
addr add 10.93.0.9/31 dev cwv0
EOF
waitLine "$work/watched" 10.93.0.9
check "new addresses are seen with their real masks and broadcasts, in one change" \
    "cwv0 10.91.1.1 10.91.1.0/24 10.91.1.255; cwv0 10.92.0.9 10.92.0.0/20 10.92.15.255; cwv0 10.93.0.9 10.93.0.8/31 0.0.0.0; lo 127.0.0.1 127.0.0.0/8 0.0.0.0; " \
    "$work/watched"
ip -n "$a" link set cwv0 down
waitLine "$work/watched" "^lo"
check "an interface that went down is gone from the list" "lo 127.0.0.1 127.0.0.0/8 0.0.0.0; " "$work/watched"
exec 9>&-
wait "$watcher"
watcher=

if [ "$failures" = 0 ]; then
    echo "foreign source: all checks passed"
else
    echo "foreign source: $failures checks failed"
    exit 1
fi
