#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the plug-in uses of DevStack's own functions, for one devcloud: each does what DevStack says that it does, and
# notes on $CALLED that it was called. Sourced by phase.sh, with STATE, the folder of this "DevStack", set.

function note {
    echo "$*" >>"$CALLED"
}

function sudo {
    "$@"
}

function define_plugin {
    note define_plugin "$@"
}

function plugin_requires {
    note plugin_requires "$@"
}

function enable_service {
    printf '%s\n' "$@" >"$STATE/enabled"
}

function is_service_enabled {
    grep -qx "$1" "$STATE/enabled"
}

function die {
    echo "line $1: ${*:2}" >&2
    exit 1
}

function setup_develop {
    note setup_develop "$1"
    test -f "$1/setup.cfg"
}

function get_python_exec_prefix {
    echo "$OWN/bin"
}

function get_or_create_role {
    openstack role create "$1" --or-show -f value -c id
}

function get_or_create_domain {
    openstack domain create "$1" --or-show -f value -c id
}

function get_or_create_user {
    openstack user create "$1" --password "$2" --domain "$3" --or-show -f value -c id
}

function get_or_add_user_domain_role {
    openstack role add "$1" --user "$2" --domain "$3"
}

function create_service_user {
    get_or_create_user "$1" "$SERVICE_PASSWORD" "$SERVICE_DOMAIN_NAME" >/dev/null
    openstack role add service --user "$1" --user-domain "$SERVICE_DOMAIN_NAME" --project service
    openstack role add "$2" --user "$1" --user-domain "$SERVICE_DOMAIN_NAME" --project service
}

function get_or_create_service {
    openstack service show "$2" -f value -c id 2>/dev/null ||
        openstack service create "$2" --name "$1" --description "$3" -f value -c id
}

function get_or_create_endpoint {
    local interface
    for interface in public internal admin; do
        if [[ -z $(openstack endpoint list --service "$1" --interface "$interface" --region "$2" -f value) ]]; then
            openstack endpoint create "$1" "$interface" "${3}" --region "$2" -f value -c id
        fi
    done
}

function iniset {
    python3 - "$@" <<'END'
import configparser, sys
path, section, option, value = sys.argv[1:]
parser = configparser.RawConfigParser()
parser.optionxform = str
parser.read(path)
if section != "DEFAULT" and not parser.has_section(section):
    parser.add_section(section)
parser.set(section, option, value)
with open(path, "w") as file:
    parser.write(file)
END
}

function iniset_rpc_backend {
    iniset "$2" DEFAULT transport_url "$BROKER"
}

function database_connection_url {
    echo "$DATABASE/devstack_$1?charset=utf8mb4"
}

function recreate_database {
    python3 - "$DATABASE" "devstack_$1" <<'END'
import sys
import sqlalchemy as sa
engine = sa.create_engine(sys.argv[1], poolclass=sa.NullPool)
with engine.begin() as connection:
    connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {sys.argv[2]}")
    connection.exec_driver_sql(f"CREATE DATABASE {sys.argv[2]} CHARACTER SET utf8mb4")
END
}

function configure_keystone_authtoken_middleware {
    local section=${3:-keystone_authtoken}
    iniset "$1" "$section" auth_type password
    iniset "$1" "$section" auth_url "$OS_AUTH_URL"
    iniset "$1" "$section" username "$2"
    iniset "$1" "$section" password "$SERVICE_PASSWORD"
    iniset "$1" "$section" user_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$1" "$section" project_name service
    iniset "$1" "$section" project_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$1" "$section" memcached_servers "$MEMCACHED"
}

function ipv6_unquote {
    echo "$1" | tr -d '[]'
}

function run_process {
    # DevStack has systemd start it; the command is one word of several.
    # shellcheck disable=SC2086
    setsid $2 >"$STATE/$1.log" 2>&1 </dev/null &
    echo $! >"$STATE/$1.pid"
}

function stop_process {
    local pid
    pid=$(cat "$STATE/$1.pid")
    kill "$pid"
    timeout 30 tail --pid="$pid" -f /dev/null
    rm "$STATE/$1.pid"
}

function wait_for_service {
    timeout "$1" bash -c "until curl --silent --fail --output /dev/null '$2'; do sleep 0.2; done"
}
