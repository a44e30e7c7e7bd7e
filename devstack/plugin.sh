#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# DevStack sources this file at each of its phases, with its own functions and the settings beside this file loaded.

function install_magnum_lite {
    setup_develop "$MAGNUM_LITE_DIR"
}

function register_magnum_lite {
    local user domain
    create_service_user magnum admin
    get_or_create_service magnum container-infra "Kubernetes clusters"
    get_or_create_endpoint container-infra "$REGION_NAME" "$MAGNUM_LITE_URL"
    # The users of clusters live in a domain of their own, and the service administers it.
    domain=$(get_or_create_domain "$MAGNUM_LITE_DOMAIN")
    user=$(get_or_create_user magnum "$SERVICE_PASSWORD" "$SERVICE_DOMAIN_NAME")
    get_or_add_user_domain_role admin "$user" "$domain"
}

function configure_magnum_lite {
    sudo install -d -o "$STACK_USER" -m 0750 "$MAGNUM_LITE_CONF_DIR"
    iniset "$MAGNUM_LITE_CONF" DEFAULT debug "$ENABLE_DEBUG_LOG_LEVEL"
    iniset_rpc_backend magnum_lite "$MAGNUM_LITE_CONF"
    iniset "$MAGNUM_LITE_CONF" database connection "$(database_connection_url magnum_lite)"
    iniset "$MAGNUM_LITE_CONF" api host "$SERVICE_LISTEN_ADDRESS"
    iniset "$MAGNUM_LITE_CONF" api port "$MAGNUM_LITE_PORT"
    iniset "$MAGNUM_LITE_CONF" agent api_url "$MAGNUM_LITE_URL"
    iniset "$MAGNUM_LITE_CONF" cluster_user domain_name "$MAGNUM_LITE_DOMAIN"
    iniset "$MAGNUM_LITE_CONF" service_clients region_name "$REGION_NAME"
    sudo install -d -o "$STACK_USER" -m 0755 "$MAGNUM_LITE_CONF_DIR/releases"
    iniset "$MAGNUM_LITE_CONF" releases directories "$MAGNUM_LITE_CONF_DIR/releases"
    iniset "$MAGNUM_LITE_CONF" vault key_file "$MAGNUM_LITE_CONF_DIR/vault.keys"
    configure_keystone_authtoken_middleware "$MAGNUM_LITE_CONF" magnum
    configure_keystone_authtoken_middleware "$MAGNUM_LITE_CONF" magnum service_auth
}

function init_magnum_lite {
    recreate_database magnum_lite
    magnum_lite_command db upgrade
    magnum_lite_command vault new-key
    # Registries are asked for the digests that no project publishes; without those of a network there is no cluster.
    local release
    for release in $MAGNUM_LITE_PINNED_RELEASES; do
        magnum_lite_command release pin "$release" --all
    done
}

function magnum_lite_command {
    "$(get_python_exec_prefix)/magnum-lite-manage" --config-file "$MAGNUM_LITE_CONF" "$@"
}

function start_magnum_lite {
    local service
    for service in magnum-lite-api magnum-lite-conductor; do
        run_process "$service" "$(get_python_exec_prefix)/$service --config-file $MAGNUM_LITE_CONF"
    done
}

function stop_magnum_lite {
    stop_process magnum-lite-api
    stop_process magnum-lite-conductor
}

case "$1 ${2:-}" in
"stack install") install_magnum_lite ;;
"stack post-config")
    register_magnum_lite
    configure_magnum_lite
    ;;
"stack extra")
    init_magnum_lite
    start_magnum_lite
    ;;
"unstack ") stop_magnum_lite ;;
"clean ") sudo rm -rf "$MAGNUM_LITE_CONF_DIR" ;;
esac
