#!/usr/bin/env bash
# Makes the C libraries that Tideline links against available, and says what it did.
#
#   TIDELINE_DEPS=auto    (default) nothing where all are present; else apt-get as root or by password-less sudo;
#                         else as "local"
#   TIDELINE_DEPS=local   never touches the system: Debian packages are downloaded and unpacked below .deps/, and
#                         .deps/swift-flags, .deps/cc-flags and .deps/ld-flags hold the paths that scripts/swift.sh
#                         and scripts/bench.py add. No root needed.
#   TIDELINE_DEPS=system  only apt-get; fails where that is not allowed
#
# Exit status: 0 all there, 1 something is missing (the last line says what to do), 2 wrong usage.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/apt.sh

mode=${TIDELINE_DEPS:-auto}
swift_oldest=6.2
# g++ brings the C++ standard library headers that libsimdjson's header needs.
packages=(libzmq3-dev libsimdjson-dev libsqlite3-dev libsodium-dev libstemmer-dev libreadstat-dev)
tools=(g++ git)

say() { printf 'deps: %s\n' "$*"; }
fail() { printf 'deps: %s\n' "$*" >&2; exit 1; }

is_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

check_swift() {
    local hint="get Swift $swift_oldest or newer from https://www.swift.org/install/linux and put its usr/bin on PATH"
    command -v swift >/dev/null || fail "no swift on PATH; $hint"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [[ -n $version ]] || fail "'swift --version' names no version; $hint"
    [[ $(printf '%s\n%s\n' "$swift_oldest" "$version" | sort -V | head -n 1) == "$swift_oldest" ]] ||
        fail "Swift $version is too old; $hint"
}

# Compiles, links and runs a few lines against all of them, which is the only proof that counts. Sets `libraries` to the
# versions found. A proof holds until other packages or other paths are in force.
check_libraries() {
    local key
    key=$(dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null |
        cat - .deps/ld-flags 2>/dev/null | cksum) || true
    if [[ -f .deps/checked && $(head -n 1 .deps/checked) == "$key" ]]; then
        libraries=$(sed -n 2p .deps/checked)
        return
    fi
    local compiler directory
    compiler=$(command -v clang++ || command -v g++ || command -v c++) ||
        fail "no C++ compiler; install the package g++"
    directory=$(mktemp -d)
    trap 'rm -rf "$directory"' RETURN
    cat >"$directory/check.cpp" <<'END'
#include <libstemmer.h>
#include <readstat.h>
#include <simdjson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <zmq.h>
#include <cstdio>
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
int main() {
    int a, b, c;
    zmq_version(&a, &b, &c);
    simdjson::dom::parser parser;
    if (parser.parse(std::string("[1]")).error()) return 1;
    sb_stemmer *stemmer = sb_stemmer_new("english", "UTF_8");
    readstat_writer_t *writer = readstat_writer_init();
    if (!stemmer || !writer) return 1;
    sb_stemmer_delete(stemmer);
    readstat_writer_free(writer);
    std::printf("libzmq %d.%d.%d, libsimdjson %s, SQLite %s, libsodium %s\n", a, b, c,
        TEXT(SIMDJSON_VERSION), sqlite3_libversion(), sodium_version_string());
}
END
    local -a compile=() link=()
    [[ -f .deps/cc-flags ]] && mapfile -t compile <.deps/cc-flags
    [[ -f .deps/ld-flags ]] && mapfile -t link <.deps/ld-flags
    if ! "$compiler" -std=c++17 "${compile[@]}" "$directory/check.cpp" -o "$directory/check" "${link[@]}" \
        -lzmq -lsimdjson -lsqlite3 -lsodium -lstemmer -lreadstat 2>"$directory/log"; then
        cat "$directory/log" >&2
        return 1
    fi
    libraries=$("$directory/check")
    mkdir -p .deps
    printf '%s\n%s\n' "$key" "$libraries" >.deps/checked
}

missing_packages() {
    local package
    for package in "${packages[@]}" "${tools[@]}"; do
        # A compiler or a git of another origin does as well as Debian's.
        case $package in
            g++) command -v g++ >/dev/null && continue ;;
            git) command -v git >/dev/null && continue ;;
        esac
        is_installed "$package" || printf '%s\n' "$package"
    done
}

install_for_all() {
    say "installing ${missing[*]} with apt-get"
    install_packages "${missing[@]}" || fail "apt-get could not install ${missing[*]}; see the lines above"
}

# The named packages, the shared libraries behind their links, and the libraries of theirs that this system lacks. Other
# -dev packages would serve static linking only. Never the C library or the compiler's own: two of those in one process
# do not mix.
unpack_list() {
    printf '%s\n' "$@"
    {
        "${apt_cache[@]}" depends --important "$@" | sed -n 's/^ *Depends: \(lib[a-z0-9.+-]*\)$/\1/p'
        "${apt[@]}" -s install -y --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Inst \(lib[^ ]*\).*/\1/p'
    } | sort -u | grep -vE -e '-dev$' -e '^(libc6|libgcc.*|libstdc\+\+.*)$'
}

unpack_locally() {
    command -v apt-get >/dev/null || fail "no apt-get here; install ZeroMQ, simdjson, SQLite, libsodium, libstemmer and ReadStat with headers"
    command -v g++ >/dev/null || [[ -d /usr/include/c++ ]] ||
        fail "no C++ standard library headers; they cannot be unpacked beside the system: have someone install g++"
    rm -rf .deps/root .deps/packages
    use_lists libzmq3-dev || fail "cannot fetch package lists; is a Debian mirror reachable?"
    local -a list
    mapfile -t list < <(unpack_list "${packages[@]}")
    say "downloading ${list[*]} into .deps/"
    unpack_packages "${list[@]}" || fail "could not download and unpack them; is a Debian mirror reachable?"
    write_flags
}

write_flags() {
    local root=$PWD/.deps/root directory
    : >.deps/cc-flags
    : >.deps/ld-flags
    : >.deps/swift-flags
    for directory in "$root/usr/include" "$root"/usr/include/*-linux-gnu; do
        [[ -d $directory ]] || continue
        # As system headers, whose warnings are not ours.
        printf '%s\n' -isystem "$directory" >>.deps/cc-flags
        printf '%s\n' -Xcc -isystem -Xcc "$directory" -Xcxx -isystem -Xcxx "$directory" >>.deps/swift-flags
    done
    # Old-style run paths, because they also hold for the libraries' own libraries.
    for directory in "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu; do
        [[ -d $directory ]] || continue
        printf '%s\n' "-L$directory" "-Wl,-rpath,$directory" >>.deps/ld-flags
        printf '%s\n' -Xlinker "-L$directory" -Xlinker -rpath -Xlinker "$directory" >>.deps/swift-flags
    done
    printf '%s\n' -Wl,--disable-new-dtags >>.deps/ld-flags
    printf '%s\n' -Xlinker --disable-new-dtags >>.deps/swift-flags
}

forget_local() { rm -f .deps/swift-flags .deps/cc-flags .deps/ld-flags; }

check_swift
libraries=
mapfile -t missing < <(missing_packages)
case $mode in
    auto | system)
        if ((${#missing[@]} == 0)); then
            forget_local
        elif may_install; then
            forget_local
            install_for_all
        elif [[ $mode == system ]]; then
            fail "not root and no password-less sudo; run: sudo apt-get install ${missing[*]}"
        # Another distribution, or libraries built by hand: if they link, they do.
        elif [[ ! -f .deps/swift-flags ]] && check_libraries 2>/dev/null; then
            :
        elif [[ ! -f .deps/swift-flags ]]; then
            unpack_locally
        fi ;;
    local)
        [[ -f .deps/swift-flags && -d .deps/root ]] || unpack_locally ;;
    *)
        printf 'deps: TIDELINE_DEPS is "%s"; it can be auto, local or system\n' "$mode" >&2
        exit 2 ;;
esac
check_libraries || fail "the libraries do not compile and link; see the lines above"
if [[ -f .deps/swift-flags ]]; then place="unpacked in .deps/"; else place="of the system"; fi
say "$libraries ($place)"
