#!/usr/bin/env bash
# To be sourced: starts a Confluent Cloud on this machine, and points the environment variables of flinkform at it.

# Starts the emulator with some flags; it ends with the script, by its process id or when its input closes.
start_emulator() { # flags…
    local log
    log=$(mktemp)
    mkfifo "$log.input"
    "$BIN/confluent-emulator" --until-input-closes "$@" <"$log.input" >"$log" 2>&1 &
    emulator=$!
    exec {emulator_input}>"$log.input"
    for _ in $(seq 200); do
        CONFLUENT_CLOUD_ENDPOINT=$(sed -n 's/^listening on //p' "$log")
        [ -n "$CONFLUENT_CLOUD_ENDPOINT" ] && break
        sleep 0.05
    done
    rm -f "$log.input"
    if [ -z "$CONFLUENT_CLOUD_ENDPOINT" ]; then
        cat "$log" >&2
        echo "error: the emulator did not start." >&2
        return 1
    fi
    export CONFLUENT_CLOUD_ENDPOINT
    export CONFLUENT_CLOUD_API_KEY=EMULATORCLOUDKEY
    # The emulator's default: no secret of anybody.
    CONFLUENT_CLOUD_API_SECRET=cflt$(printf 'A%.0s' $(seq 54))FZQbVQ
    export CONFLUENT_CLOUD_API_SECRET
}

stop_emulator() {
    kill "$emulator" 2>/dev/null || true
    wait "$emulator" 2>/dev/null || true
}

# Prints the configuration of many keys: blocks, keys in a block, owners (one), and whether their use is not waited for (true).
many_keys() { # blocks places [owners [untried]]
    sed "s/BLOCKS/$1/; s/PLACES/$2/; s/OWNERS/${3:-1}/; s/UNTRIED/${4:-true}/" "$root/fixtures/load/main.tf.template"
}

# Talks to the emulator as another hand would.
cloud() { # method path [body]
    curl --silent --show-error --fail --user "$CONFLUENT_CLOUD_API_KEY:$CONFLUENT_CLOUD_API_SECRET" \
        --request "$1" --header 'Content-Type: application/json' ${3:+--data "$3"} "$CONFLUENT_CLOUD_ENDPOINT$2"
}
