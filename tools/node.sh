#!/bin/sh
# Node 20 or newer and npm: installs Debian's packages where there is none, and says what is missing where that is too old.
set -eu
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    sh "$(dirname "$0")/debs.sh" nodejs npm || { echo "want Node 20 or newer with npm, got none" >&2; exit 1; }
fi
got=$(node --version)
major=${got#v}
major=${major%%.*}
[ "$major" -ge 20 ] || { echo "want Node 20 or newer with npm, got $got; see https://nodejs.org" >&2; exit 1; }
