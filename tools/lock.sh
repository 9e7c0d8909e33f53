#!/bin/sh
# Resolve setup.cfg into requirements/*.txt: every package with version and hashes, for each Python and platform.
# Versions that still fit stay as they are; UPGRADE=1 takes the newest of all.
set -eu
cd "$(dirname "$0")/.."
python=${VENV:-.venv}/bin/python
"$python" -m uv --version >/dev/null 2>&1 || "$python" -m pip install --quiet --disable-pip-version-check uv

export UV_CUSTOM_COMPILE_COMMAND="make lock"
compile() {
    "$python" -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        ${UPGRADE:+--upgrade} "$@"
}
compile requirements/build.in --output-file requirements/build.txt
compile setup.cfg --constraint requirements/build.txt --output-file requirements/run.txt
compile setup.cfg --extra import --extra jwt --extra pdf --extra remap --constraint requirements/build.txt --constraint requirements/run.txt \
    --output-file requirements/extras.txt
compile setup.cfg --extra test --constraint requirements/build.txt --constraint requirements/extras.txt \
    --output-file requirements/test.txt
