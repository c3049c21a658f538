#!/usr/bin/env bash
# Checks that this machine can build flinkform, and installs the system packages that are missing.
# Prints nothing to do when all is there. Asks before it uses sudo, unless CI=true.
set -euo pipefail

oldest_major=6
oldest_minor=2

missing=()
reasons=()

lack() { # package, what it is for
    missing+=("$1")
    reasons+=("$2")
}

has_header() { # path below an include folder, name known to pkg-config
    [ -e "/usr/include/$1" ] && return
    [ -e "/usr/local/include/$1" ] && return
    command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$2"
}

find_missing() {
    command -v pkg-config >/dev/null 2>&1 || lack pkg-config "tells the Swift build where the libraries are"
    has_header json-c/json.h json-c || lack libjson-c-dev "reads JSON (the JSON module)"
    has_header zlib.h zlib || lack zlib1g-dev "checksums of journals and secrets, and a library below the HTTP server"
    has_header yaml.h yaml-0.1 || lack libyaml-dev "reads YAML (the function yamldecode)"
    has_header postgresql/libpq-fe.h libpq || lack libpq-dev "talks to PostgreSQL (the pg backend)"
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null 2>&1 ||
        lack postgresql "the tests keep states in it"
    command -v pass >/dev/null 2>&1 || lack pass "the tests keep secrets in it"
    command -v age >/dev/null 2>&1 || lack age "the tests keep secrets in files that it encrypts"
    command -v python3 >/dev/null 2>&1 || lack python3 "the helpers for secret stores"
    python3 -c 'import ensurepip, venv' 2>/dev/null || lack python3-venv "the tests' servers from PyPI"
    command -v openssl >/dev/null 2>&1 || lack openssl "the tests make certificates with it"
    command -v mandoc >/dev/null 2>&1 || lack mandoc "the tests check the manual pages with it"
    command -v zsh >/dev/null 2>&1 || lack zsh "the tests try its completions"
    command -v fish >/dev/null 2>&1 || lack fish "the tests try its completions"
    command -v chromium >/dev/null 2>&1 || lack chromium "the tests look at the page of a plan with it"
    has_header sqlite3.h sqlite3 || lack libsqlite3-dev "the emulator's database"
    [ -e /usr/include/stdio.h ] || lack libc6-dev "the C library that every Swift program is linked with"
    compgen -G '/usr/include/c++/*/vector' >/dev/null || lack g++ "the C++ library and start files that Swift links with"
    command -v ld >/dev/null 2>&1 && command -v strip >/dev/null 2>&1 || lack binutils "the linker, and strip for releases"
    command -v git >/dev/null 2>&1 || lack git "fetches the Swift packages"
    command -v curl >/dev/null 2>&1 || lack curl "the demo and the end-to-end scripts ask the emulator with it"
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] ||
        lack ca-certificates "lets git check whom it fetches from"
}

# A toolchain that is there but cannot start lacks libraries of its own.
find_missing_of_swift() {
    command -v swift >/dev/null 2>&1 || return 0
    swift --version >/dev/null 2>&1 && return 0
    lack libncurses6 "the Swift toolchain: its terminal"
    lack libsqlite3-0 "the Swift toolchain: its build database"
    lack libcurl4 "the Swift toolchain: its package manager"
    lack libxml2 "the Swift toolchain: its package manager"
    lack libpython3-stdlib "the Swift toolchain: its debugger"
}

list_missing() {
    echo "flinkform needs system packages that are not installed:"
    local index
    for index in "${!missing[@]}"; do
        printf '  %-18s %s\n' "${missing[$index]}" "${reasons[$index]}"
    done
}

is_debian() {
    [ -r /etc/os-release ] || return 1
    (
        # shellcheck disable=SC1091
        . /etc/os-release
        case " ${ID:-} ${ID_LIKE:-} " in *" debian "* | *" ubuntu "*) exit 0 ;; *) exit 1 ;; esac
    ) && command -v apt-get >/dev/null 2>&1
}

install_missing() {
    list_missing
    if ! is_debian; then
        echo "error: this is neither Debian nor Ubuntu, so they cannot be installed from here." >&2
        echo "Install what your system calls these packages, then run the command again." >&2
        exit 1
    fi
    local -a elevate=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "error: installing packages needs root, and there is no sudo. As root, run:" >&2
            echo "    apt-get install ${missing[*]}" >&2
            exit 1
        fi
        elevate=(sudo)
        confirm
    fi
    "${elevate[@]}" apt-get update -q
    "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

confirm() {
    [ "${CI:-}" = true ] && return
    local answer=""
    if [ -t 0 ]; then
        read -r -p "Install them with sudo apt-get now? [y/N] " answer || true
    fi
    case "$answer" in
    y | Y | yes) ;;
    *)
        echo "error: nothing was installed. To do it yourself:" >&2
        echo "    sudo apt-get install ${missing[*]}" >&2
        exit 1
        ;;
    esac
}

explain_swift() { # what is wrong
    echo "error: $1" >&2
    echo "flinkform needs Swift $oldest_major.$oldest_minor or later. To get it:" >&2
    echo "    https://www.swift.org/install/linux/" >&2
    echo "The page's swiftly command installs a toolchain into your home directory; no root is needed." >&2
    exit 1
}

check_swift() {
    command -v swift >/dev/null 2>&1 || explain_swift "there is no swift on the PATH."
    local text version major minor
    text=$(swift --version 2>/dev/null) || explain_swift "swift is installed, but does not start."
    version=$(sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' <<<"$text" | head -n 1)
    [ -n "$version" ] || explain_swift "swift does not say its version."
    major=${version%%.*}
    minor=${version#*.}
    if [ "$major" -lt "$oldest_major" ] || { [ "$major" -eq "$oldest_major" ] && [ "$minor" -lt "$oldest_minor" ]; }; then
        explain_swift "this Swift is version $version."
    fi
}

find_missing
find_missing_of_swift
if [ "${#missing[@]}" -gt 0 ]; then
    install_missing
fi
check_swift
