#!/usr/bin/env bash
# Installs the program into a directory and uses what came along: manual pages as man and mandoc read them, completions in bash, zsh and
# fish themselves.
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

fail() {
    echo "error: $*" >&2
    exit 1
}

PREFIX=/usr DESTDIR=$place SOURCE_DATE_EPOCH=0 Tests/scripts/install.sh "$BIN/flinkform"
PATH=$place/usr/bin:$PATH
share=$place/usr/share

echo "Manual pages"
for page in "$share"/man/man1/*.1; do
    # Styles are a matter of taste: long lines in the source.
    mandoc -T lint -W warning "$page" || fail "mandoc has something to say about $page"
done
count=$(find "$share/man/man1" -name '*.1' | wc -l)
[ "$count" -gt 40 ] || fail "there are $count manual pages only"
mandoc -T ascii "$share/man/man1/flinkform-plan.1" | sed $'s/.\b//g' | grep -F -- '-detailed-exitcode' >/dev/null ||
    fail "the page of plan does not tell of -detailed-exitcode"
if command -v man >/dev/null 2>&1 && [ -x /usr/bin/groff ]; then
    for page in "$share"/man/man1/*.1; do
        said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || fail "man has something to say about $page: $said"
    done
fi

echo "Completions: bash"
# Prints what bash offers for a line.
complete_bash() { # line
    bash -c '
        source "$1/bash-completion/completions/flinkform"
        COMP_LINE=$2 COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        case $2 in *" ") COMP_WORDS+=("") ;; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        $(complete -p flinkform | sed "s/.*-F \([^ ]*\).*/\1/") flinkform "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$share" "$1"
}
offers() { # shell, line, word
    "complete_$1" "$2" | grep -xF -- "$3" >/dev/null || {
        "complete_$1" "$2" >&2
        fail "$1 does not offer \"$3\" for \"$2\""
    }
}
offers bash 'flinkform pl' plan
offers bash 'flinkform state ' list
offers bash 'flinkform plan -refr' -refresh-only
offers bash 'flinkform api-key create --serv' --service-account

echo "Completions: fish"
complete_fish() { # line
    HOME=$place fish -c 'source $argv[1]; complete -C $argv[2]' "$share/fish/vendor_completions.d/flinkform.fish" "$1" | cut -f 1
}
offers fish 'flinkform pl' plan
offers fish 'flinkform state ' list
offers fish 'flinkform plan -refr' -refresh-only
offers fish 'flinkform api-key create --serv' --service-account

echo "Completions: zsh"
# Types a line and the tab key into a zsh of its own, and prints what it shows.
complete_zsh() { # line
    HOME=$place zsh -f -c '
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1= RPS1= ; fpath=($1/zsh/site-functions \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=10000"
        zpty -w shell "print re""ady"
        zpty -r -m shell shown "*ready*"
        zpty -w -n shell "$2"$'"'\t\t'"'
        shown= part=
        for _ in {1..100}; do
            while zpty -r -t shell part; do shown+=$part; done
            [[ $shown == *$3* ]] && break
            sleep 0.1
        done
        zpty -d shell
        print -r -- $shown' zsh "$share" "$1" "$2"
}
shows_zsh() { # line, text
    local shown
    shown=$(complete_zsh "$1" "$2")
    grep -qF -- "$2" <<<"$shown" || fail "zsh does not show \"$2\" for \"$1\": $shown"
}
shows_zsh 'flinkform pl' 'plan'
shows_zsh 'flinkform state ' 'List the addresses in the state.'
shows_zsh 'flinkform plan -refr' '-refresh-only'
echo "All of it is read as it should be."
