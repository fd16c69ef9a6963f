#!/usr/bin/env bash
# Makes .venv with what the Python tests need, and makes it anew when the list changes. Prints nothing when all is well.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/apt.sh

requirements=Tests/InteropTests/requirements.txt
oldest=3.11
fail() { printf 'venv: %s\n' "$*" >&2; exit 1; }

command -v python3 >/dev/null || fail "no python3 on PATH; install Python $oldest or newer"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$(python3 --version) is too old; $oldest is needed"

key=$({ python3 --version; cat "$requirements"; } | cksum)
[[ -f .venv/made-from && $(<.venv/made-from) == "$key" ]] && exit 0

rm -rf .venv
if python3 -c 'import ensurepip, venv' 2>/dev/null; then
    python3 -m venv .venv
elif may_install; then
    # Debian splits these two modules from its Python.
    printf 'venv: installing python3-venv with apt-get\n'
    install_packages python3-venv || fail "apt-get could not install python3-venv; see the lines above"
    python3 -m venv .venv
elif use_lists python3-pip-whl; then
    printf 'venv: unpacking pip below .deps/\n'
    unpack_packages python3-pip-whl || fail "cannot download pip; have someone install python3-venv"
    python3 -m venv --without-pip .venv
    wheels=(.deps/root/usr/share/python-wheels/pip-*.whl)
    .venv/bin/python "${wheels[0]}/pip" install -q --no-index "${wheels[0]}"
else
    fail "this Python has no venv module; install it (Debian: python3-venv)"
fi
.venv/bin/python -m pip install -q --disable-pip-version-check -r "$requirements" ||
    fail "pip could not install $requirements; see the lines above"
printf '%s\n' "$key" >.venv/made-from
