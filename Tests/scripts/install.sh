#!/usr/bin/env bash
# Puts the program, its completions and its manual pages under PREFIX.
# usage: PREFIX=/usr/local DESTDIR= install.sh PROGRAM
set -euo pipefail
program=$1
root=${DESTDIR:-}${PREFIX:?}

place() { # mode, folder below root, name; the contents come from standard input
    mkdir -p "$root/$2"
    local temporary="$root/$2/.$3.new"
    cat >"$temporary"
    chmod "$1" "$temporary"
    mv -f "$temporary" "$root/$2/$3"
    echo "$root/$2/$3"
}

complete() { # shell
    "$program" --generate-completion-script "$1"
}

place 755 bin flinkform <"$program"
complete bash | place 644 share/bash-completion/completions flinkform
complete zsh | place 644 share/zsh/site-functions _flinkform
complete fish | place 644 share/fish/vendor_completions.d flinkform.fish
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$program" manual-pages "$pages"
for page in "$pages"/*; do
    place 644 share/man/man1 "$(basename "$page")" <"$page"
done
for helper in "$(dirname "$0")"/../../docs/helpers/*; do
    place 755 libexec/flinkform "$(basename "$helper")" <"$helper"
done
