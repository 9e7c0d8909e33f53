#!/bin/sh
# Install the distribution's Chromium for the browser tests where there is none; CHROMIUM names another one.
#
# Without Chromium the browser tests are skipped and say so, except where CI=true: there they fail.
set -eu
for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$browser" ] && command -v "$browser" >/dev/null 2>&1; then
        exit 0
    fi
done
say() { printf '%s\n' "setup: $*" >&2; }
command -v apt-get >/dev/null 2>&1 || { say "no Chromium and no apt-get: the browser tests will be skipped"; exit 0; }
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { say "no Chromium and no root: the browser tests will be skipped"; exit 0; }
    sudo="sudo -n"
fi
say "installing chromium with apt-get"
{ $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >&2 ||
    say "chromium could not be installed: the browser tests will be skipped"
