#!/bin/sh
# Installs what the tests need, builds everything into build/test with warnings as errors, and runs the suites.
#   sh tests/run.sh [unit] [sim] [fuzz-seeds] [integration] [gui]     default: all
# Ends with 0 only if every test of every named suite ran and passed. CAUSEWAY_JOBS=N limits what runs side by side.
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build/test
started=$(date +%s)

stop() { printf '%s\n' "$*" >&2; exit 1; }

[ $# -gt 0 ] || set -- all
suites=
for word in "$@"; do
    case $word in
    all) suites="$suites unit sim fuzz-seeds integration gui" ;;
    unit | sim | fuzz-seeds | integration | gui) suites="$suites $word" ;;
    *) stop "There is no suite \"$word\". Take unit, sim, fuzz-seeds, integration, gui or all." ;;
    esac
done

jobs=${CAUSEWAY_JOBS:-$(nproc)}
sh "$top/installer/install-packages.sh" build console test || exit 1

mkdir -p "$top/build"
cmake -S "$top" -B "$build" -G Ninja -DCAUSEWAY_TESTS=ON -DCAUSEWAY_CONSOLE=ON -DCAUSEWAY_WERROR=ON >"$top/build/test-configure.log" 2>&1 ||
    { tail -n 20 "$top/build/test-configure.log" >&2; stop "tests/run.sh: cmake failed, no test has run."; }
ninja -C "$build" -j "$jobs" || stop "tests/run.sh: the build failed, no test has run."

labels=
counts=
expected=0
failed=no
for suite in $suites; do
    count=$(ctest --test-dir "$build" -N -L "^$suite\$" | sed -n 's/^Total Tests: //p')
    counts="$counts, $suite $count"
    expected=$((expected + count))
    labels="$labels|$suite"
    if [ "$count" -eq 0 ]; then
        printf '%s\n' "The suite $suite has no test: it did not run, which counts as a failure." >&2
        failed=yes
    fi
done

# Tests that need the machine for themselves say so (RUN_SERIAL); the others run side by side.
log=$build/ctest.log
mark=$build/ctest.failed
rm -f "$mark"
{ ctest --test-dir "$build" -L "^(${labels#|})\$" -j "$jobs" --output-on-failure --no-tests=error 2>&1 || : >"$mark"; } | tee "$log"
[ ! -e "$mark" ] || failed=yes
if grep -qE '\*\*\*(Skipped|Not Run)' "$log"; then
    printf '%s\n' "Some tests were skipped, which counts as a failure." >&2
    failed=yes
fi
ran=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$log" || :)
[ "$ran" -eq "$expected" ] || failed=yes

seconds=$(($(date +%s) - started))
if [ "$failed" = yes ]; then
    printf '%s\n' "tests/run.sh: FAILED; $ran of $expected tests ran in $seconds s (${counts#, }); see above and build/test/ctest.log"
    exit 1
fi
printf '%s\n' "tests/run.sh: all $ran tests passed in $seconds s (${counts#, })"
