#!/bin/sh
# Gathers the texts of the console into causeway.pot and brings every translation up to date.
#   assets/locale/update.sh            gather and merge
#   assets/locale/update.sh --check    also fail if a translation lacks a text or has a doubtful one
# Needs gettext (xgettext, msgcat, msggrep, msgmerge, msgfmt).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Marked texts: _() and wxPLURAL of wx, tr() and trn() of the presenters, and the marks that translate later.
find console/views console/widgets console/app console/presenters -name '*.[ch]*' | LC_ALL=C sort > "$work/files"
xgettext --language=C++ --from-code=UTF-8 --add-comments=TRANSLATORS: --files-from="$work/files" \
    --keyword=_ --keyword=wxPLURAL:1,2 --keyword=wxTRANSLATE --keyword=wxGetTranslation \
    --keyword=tr --keyword=trn:1,2 --keyword=later \
    --package-name=causeway --msgid-bugs-address=none --output="$work/marked.pot"

# The sentences of the settings come from the service and are translated by the page that shows them.
# (gettext warns of every empty text there; that is no news.)
xgettext --language=C++ --from-code=UTF-8 --extract-all --output="$work/settings.raw" shared/model/setting.cpp 2> /dev/null
sed -i -e 's/charset=CHARSET/charset=UTF-8/' "$work/settings.raw" "$work/marked.pot"
msggrep --msgid --extended-regexp --regexp='^[A-Z][^:]* .*\.$' "$work/settings.raw" --output-file="$work/settings.pot"

# Labels, groups and help of the providers' fields are translated by their form.
mkdir "$work/fields"
sed -z -E 's/\.(label|group|help) = (("([^"\\]|\\.)*"[[:space:]]*)+)/tr(\2)/g' shared/model/provider_fields.cpp > "$work/fields/provider_fields.cpp"
(cd "$work/fields" && xgettext --language=C++ --from-code=UTF-8 --keyword=tr --output="$work/fields.pot" provider_fields.cpp)
sed -i -e 's/charset=CHARSET/charset=UTF-8/' -e 's|^#: provider_fields|#: shared/model/provider_fields|' "$work/fields.pot"

# Titles and help of the commands of a packet trace; its codes are all capitals and its words all small.
xgettext --language=C++ --from-code=UTF-8 --extract-all --output="$work/trace.raw" shared/model/trace.cpp 2> /dev/null
sed -i -e 's/charset=CHARSET/charset=UTF-8/' "$work/trace.raw"
msggrep --msgid --extended-regexp --regexp='^[A-Z][a-z]|^A linked |^NAT |^[a-z]+-[a-z]+-[a-z]+ adds' "$work/trace.raw" --output-file="$work/trace.pot"

msgcat --use-first --no-wrap "$work/marked.pot" "$work/settings.pot" "$work/fields.pot" "$work/trace.pot" --output-file="$work/all.pot"
# No time stamp: the file changes only when a text does.
sed -e "s/^\"Report-Msgid-Bugs-To: none/\"Report-Msgid-Bugs-To: /" -e 's/^"POT-Creation-Date: .*$/"POT-Creation-Date: \\n"/' \
    -e 's/^# SOME DESCRIPTIVE TITLE\.$/# Texts of the Causeway console./' \
    -e '/^# Copyright (C) YEAR/d' -e '/^# This file is put in the public domain/d' -e '/^# This file is distributed/d' \
    -e '/^# FIRST AUTHOR/d' -e 's/^#: \(.*\):[0-9]*$/#: \1/' "$work/all.pot" > "$here/causeway.pot"

for po in "$here"/*.po; do
    [ -e "$po" ] || continue
    msgmerge --quiet --no-fuzzy-matching --no-wrap --update --backup=none "$po" "$here/causeway.pot"
    msgattrib --no-obsolete --no-wrap --output-file="$work/clean.po" "$po"
    mv "$work/clean.po" "$po"
    printf '%s: ' "$(basename "$po")"
    msgfmt --check --check-accelerators='&' --statistics --output-file=/dev/null "$po" 2>&1
    if [ "${1:-}" = --check ]; then
        missing=$(msgattrib --untranslated --no-obsolete "$po" | grep -c '^msgid' || true)
        if [ "$missing" -gt 1 ]; then
            echo "$(basename "$po") lacks texts" >&2
            exit 1
        fi
    fi
done
