#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs one phase of the plug-in as DevStack does: its functions, then the settings, then the plug-in with the phase.
# Usage: phase.sh stack install | stack post-config | stack extra | unstack | clean
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
plugin=$(cd "$here/../../devstack" && pwd)
# DevStack's scripts, and so the plug-in, may name an argument that is not there.
set -- "$1" "${2:-}"
# shellcheck source=tests/devstack/functions.sh
source "$here/functions.sh"
# shellcheck source=devstack/settings
source "$plugin/settings"
# shellcheck source=devstack/plugin.sh
source "$plugin/plugin.sh" "$@"
