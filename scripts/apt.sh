# Sourced by deps.sh and venv.sh: Debian packages with and without the right to install them.
# shellcheck shell=bash

# Sets `as_root` to what makes a command run as root (nothing, or sudo). Status 1 when this user may not.
may_install() {
    as_root=()
    command -v apt-get >/dev/null || return 1
    ((EUID == 0)) && return
    command -v sudo >/dev/null && sudo -n true 2>/dev/null && as_root=(sudo -n)
}

# install_packages NAME...: with apt-get, after may_install. A fresh machine has no package lists and an old one stale
# lists; new ones are fetched only when the first try fails.
install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    local -a install=("${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@")
    "${install[@]}" >/dev/null 2>&1 || { "${as_root[@]}" apt-get update -qq && "${install[@]}" >/dev/null; }
}

apt=(apt-get -o Debug::NoLocking=1)
apt_cache=(apt-cache)

# use_lists NAME: makes `apt` and `apt_cache` know the package NAME, with lists of their own below .deps/ where the
# system has none. Needs no root.
use_lists() {
    command -v apt-get >/dev/null || return 1
    [[ -n $(apt-cache show "$1" 2>/dev/null) ]] && return
    local state=$PWD/.deps/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    local -a options=(-o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root)
    apt+=("${options[@]}")
    apt_cache+=("${options[@]}")
    [[ -n $("${apt_cache[@]}" show "$1" 2>/dev/null) ]] && return
    printf 'apt: fetching package lists into .deps/apt\n'
    "${apt[@]}" update -qq
}

# unpack_packages NAME...: after use_lists, downloads packages into .deps/packages and unpacks them over .deps/root.
unpack_packages() {
    mkdir -p .deps/packages .deps/root
    # apt-get warns when root downloads into a folder that its own user may not enter; that does no harm.
    (cd .deps/packages && "${apt[@]}" download -qq "$@" 2> >(grep -v '^W:' >&2)) || return
    local name file
    for name in "$@"; do
        for file in .deps/packages/"$name"_*.deb; do
            dpkg -x "$file" .deps/root || return
        done
    done
}
