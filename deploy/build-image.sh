#!/bin/sh
# Install icdref and compile its edition: every step of the Dockerfile that runs a command, so that the tests can run
# the same steps in a clean directory without a container engine.
#
#   deploy/build-image.sh PREFIX DATA
#
# PREFIX becomes a virtual environment with the pinned packages, icdref and healthcheck.py; DATA a data directory with
# the edition compiled. Afterwards nothing in either is written again: both may be read-only and owned by somebody else.
# PYTHON names the interpreter (default python3).
set -eu
prefix=$1
data=$2
source=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

# 1. The wheel, built by the pinned backend from a copy, so that the source may be read-only.
"$python" -m venv "$work/build"
"$work/build/bin/python" -m pip install --quiet --require-hashes --requirement "$source/requirements/build.txt"
mkdir "$work/source"
for part in plugin codesets fixtures setup.cfg pyproject.toml MANIFEST.in README.md LICENSE NOTICE; do
    cp -RP "$source/$part" "$work/source/"
done
"$work/build/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work/wheels" "$work/source"

# 2. The environment: pinned packages, then the wheel; compiled ahead, as nothing can be written later.
"$python" -m venv "$prefix"
"$prefix/bin/python" -m pip install --quiet --no-compile --require-hashes --requirement "$source/requirements/run.txt"
"$prefix/bin/python" -m pip install --quiet --no-compile --no-deps --no-index "$work"/wheels/*.whl
"$prefix/bin/python" -m pip uninstall --quiet --yes pip
"$prefix/bin/python" -m compileall -q --invalidation-mode unchecked-hash "$prefix/lib"
cp "$source/deploy/healthcheck.py" "$prefix/healthcheck.py"

# 3. The edition, verified.
ICDREF_DATA=$data "$prefix/bin/icdref" build
ICDREF_DATA=$data "$prefix/bin/icdref" codeset verify
chmod -R a+rX "$prefix" "$data"
