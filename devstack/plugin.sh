#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# DevStack sources this file at each of its phases, with its own functions and the settings beside this file loaded.

function install_magnum_lite {
    setup_develop "$MAGNUM_LITE_DIR"
}

function register_magnum_lite {
    local domain role user
    create_service_user magnum admin
    get_or_create_service magnum container-infra "Kubernetes clusters"
    get_or_create_endpoint container-infra "$REGION_NAME" "$MAGNUM_LITE_URL"
    # The users of clusters live in a domain of their own, and the service administers it.
    domain=$(get_or_create_domain "$MAGNUM_LITE_DOMAIN")
    user=$(get_or_create_user magnum "$SERVICE_PASSWORD" "$SERVICE_DOMAIN_NAME")
    get_or_add_user_domain_role admin "$user" "$domain"
    for role in k8s_admin k8s_developer k8s_viewer; do
        get_or_create_role "$role"
    done
}

function configure_magnum_lite {
    local conf=$MAGNUM_LITE_CONF
    sudo install -d -o "$STACK_USER" -m 0750 "$MAGNUM_LITE_CONF_DIR"
    sudo install -d -o "$STACK_USER" -m 0755 "$MAGNUM_LITE_CONF_DIR/releases"
    # It has passwords in it.
    install -m 0640 /dev/null "$conf"
    iniset "$conf" DEFAULT debug "$ENABLE_DEBUG_LOG_LEVEL"
    iniset "$conf" DEFAULT use_stderr True
    iniset_rpc_backend magnum_lite "$conf"
    iniset "$conf" database connection "$(database_connection_url magnum_lite)"
    iniset "$conf" api host "$(ipv6_unquote "$SERVICE_LISTEN_ADDRESS")"
    iniset "$conf" api port "$MAGNUM_LITE_PORT"
    iniset "$conf" agent api_url "$MAGNUM_LITE_URL"
    iniset "$conf" cluster_user domain_name "$MAGNUM_LITE_DOMAIN"
    iniset "$conf" service_clients region_name "$REGION_NAME"
    iniset "$conf" releases directories "$MAGNUM_LITE_CONF_DIR/releases"
    iniset "$conf" vault key_file "$MAGNUM_LITE_CONF_DIR/vault.keys"
    configure_keystone_authtoken_middleware "$conf" magnum
    configure_keystone_authtoken_middleware "$conf" magnum service_auth
}

function init_magnum_lite {
    local release
    recreate_database magnum_lite
    magnum_lite_command db upgrade
    magnum_lite_command vault new-key
    # Registries are asked for the digests that no project publishes; without
    # those of a network there is no cluster.
    for release in $MAGNUM_LITE_RELEASES; do
        # A list of options, not a word.
        # shellcheck disable=SC2086
        magnum_lite_command release pin "$release" --all $MAGNUM_LITE_PIN_OPTIONS
    done
}

function magnum_lite_command {
    "$(get_python_exec_prefix)/magnum-lite-manage" --config-file "$MAGNUM_LITE_CONF" "$@"
}

function start_magnum_lite {
    local service
    for service in magnum-lite-api magnum-lite-conductor; do
        if is_service_enabled "$service"; then
            run_process "$service" "$(get_python_exec_prefix)/$service --config-file $MAGNUM_LITE_CONF"
        fi
    done
    if ! wait_for_service "$SERVICE_TIMEOUT" "${MAGNUM_LITE_URL%/v1}/healthcheck"; then
        die $LINENO "magnum-lite-api did not start"
    fi
}

# The image says by os_distro what it is; without that no cluster is made of it.
function upload_magnum_lite_image {
    local compressed=$FILES/${MAGNUM_LITE_IMAGE_URL##*/}
    local image=${compressed%.xz}
    if openstack image show "$MAGNUM_LITE_IMAGE" >/dev/null 2>&1; then
        return
    fi
    if [[ ! -e $image ]]; then
        curl --fail --silent --show-error --location --retry 3 --output "$compressed" "$MAGNUM_LITE_IMAGE_URL"
        if [[ $compressed != "$image" ]]; then
            xz --decompress --force "$compressed"
        fi
    fi
    openstack image create "$MAGNUM_LITE_IMAGE" --public --disk-format qcow2 --container-format bare \
        --property os_distro=fedora-coreos --file "$image"
}

function create_magnum_lite_templates {
    local release
    for release in $MAGNUM_LITE_RELEASES; do
        if ! openstack coe cluster template show "kubernetes-$release" >/dev/null 2>&1; then
            openstack coe cluster template create "kubernetes-$release" --public --coe kubernetes \
                --image "$MAGNUM_LITE_IMAGE" --external-network "$PUBLIC_NETWORK_NAME" \
                --flavor "$MAGNUM_LITE_FLAVOR" --master-flavor "$MAGNUM_LITE_FLAVOR" --labels "kube_tag=$release"
        fi
    done
}

function stop_magnum_lite {
    stop_process magnum-lite-api
    stop_process magnum-lite-conductor
}

function clean_magnum_lite {
    sudo rm -rf "$MAGNUM_LITE_CONF_DIR"
}

if [[ $1 == stack && $2 == install ]]; then
    install_magnum_lite
elif [[ $1 == stack && $2 == post-config ]]; then
    register_magnum_lite
    configure_magnum_lite
elif [[ $1 == stack && $2 == extra ]]; then
    init_magnum_lite
    start_magnum_lite
    upload_magnum_lite_image
    create_magnum_lite_templates
elif [[ $1 == unstack ]]; then
    stop_magnum_lite
elif [[ $1 == clean ]]; then
    clean_magnum_lite
fi
