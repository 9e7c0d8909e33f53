#!/bin/sh
# Make a virtual environment with exactly the packages of the lock files, and this project in it (editable).
#
#   tools/setup-venv.sh DIRECTORY run|test
#
# Does nothing when the environment is as the lock files say. Called by the Makefile before everything else.
# PYTHON names the interpreter; without it the first Python of at least 3.11 is taken. What Debian or Ubuntu lack
# (an interpreter, its venv module) is installed with apt-get, with sudo where needed.
set -eu
cd "$(dirname "$0")/.."
venv=$1
wanted=$2

say() { printf '%s\n' "setup: $*" >&2; }
fail() { say "$@"; exit 1; }

apt_install() {
    command -v apt-get >/dev/null 2>&1 || fail "please install $* and run this again"
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    [ -z "$sudo" ] || command -v sudo >/dev/null 2>&1 || fail "please install as root: apt-get install $*"
    say "installing $* with apt-get"
    if [ -z "${apt_updated:-}" ]; then
        $sudo apt-get update -qq >&2
        apt_updated=yes
    fi
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# What the environment must match: the lock files, the project's own metadata, this script, the place, the interpreter.
state() {
    cat requirements/build.txt "requirements/$1.txt" setup.cfg pyproject.toml tools/setup-venv.sh | sha256sum | cut -d' ' -f1
    (cd "$venv" && pwd -P)
    "$venv/bin/python" --version
}
stamp() { printf '%s' "$venv/.icdref-$1"; }
is_current() { [ -f "$(stamp "$1")" ] && [ "$(state "$1" 2>/dev/null)" = "$(cat "$(stamp "$1")")" ]; }

# The packages of the tests include those of a run.
if is_current "$wanted" || is_current test; then
    exit 0
fi

python=$(find_python) || {
    apt_install python3 python3-venv
    python=$(find_python) || fail "Python 3.11 or newer is needed; set PYTHON to its path"
}
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    apt_install "$version-venv"
fi

# An environment that is there already is taken over where it works and stands where it was made; else it is made anew.
usable() {
    is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 || return 1
    for kind in run test; do
        [ ! -f "$(stamp $kind)" ] || grep -qxF "$(cd "$venv" && pwd -P)" "$(stamp $kind)" || return 1
    done
}
if usable; then
    say "using the virtual environment in $venv"
else
    say "making a virtual environment in $venv with $python"
    "$python" -m venv --clear "$venv"
fi
rm -f "$(stamp run)" "$(stamp test)"

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }
say "installing the packages of requirements/$wanted.txt"
pip install --quiet --require-hashes --requirement requirements/build.txt --requirement "requirements/$wanted.txt"
say "installing icdref"
pip install --quiet --no-deps --no-build-isolation --editable .
state "$wanted" >"$(stamp "$wanted")"
