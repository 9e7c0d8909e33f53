#!/bin/sh
# Install the FHIR clients of Node that the tests run, exactly as tests/clients/package-lock.json says.
#
# Does nothing when they are there already. Every package is checked against its hash and no install script runs; the Node
# that runs the clients is one of the packages. What Debian or Ubuntu lack (npm) is installed with apt-get.
set -eu
cd "$(dirname "$0")/../tests/clients"

say() { printf '%s\n' "setup: $*" >&2; }
state() { cat package.json package-lock.json .npmrc ../../tools/setup-clients.sh | sha256sum | cut -d' ' -f1; }
stamp=node_modules/.icdref

if [ -f "$stamp" ] && [ "$(state)" = "$(cat "$stamp")" ]; then
    exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
    command -v apt-get >/dev/null 2>&1 || { say "please install npm and run this again"; exit 1; }
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    say "installing nodejs and npm with apt-get"
    $sudo apt-get update -qq >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >&2
fi
say "installing the clients of Node"
npm ci --silent --no-progress >&2
state >"$stamp"
