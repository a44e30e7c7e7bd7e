# SPDX-License-Identifier: Apache-2.0
"""What the tests of all addons cannot know by themselves: values of labels, and what an addon may that others may not.

Add an entry here for each label of an addon that is neither a boolean nor a choice.
"""

from collections.abc import Mapping
from typing import Any

# A label's value, or several; ``with NAME`` names other labels that have to be there for it to have an effect.
EXAMPLES: Mapping[str, Any] = {
    "auto_healing_unhealthy_seconds": "600",
    "auto_scaling_unneeded_minutes": "30",
    "cinder_csi_default_volume_type": "fast",
    "flannel_network_cidr": "10.200.0.0/16",
    "flannel_network_subnetlen": "25",
    "ingress_controller": "octavia",
}

# Templates that change what is rendered.
TEMPLATES: Mapping[str, Mapping[str, Any]] = {}

# What a container (addon/container) does without, each with its reason beside it: ``root`` runs as root, ``writable``
# writes to its own file system, ``capabilities`` has some beyond NET_BIND_SERVICE, ``privileged`` has all.
EXCEPTIONS: Mapping[str, frozenset[str]] = {
    # It formats, mounts and finds devices of the node; the other two meet it and the kubelet at sockets of root's.
    "cinder_csi/cinder-csi-plugin": frozenset({"root", "privileged"}),
    "cinder_csi/liveness-probe": frozenset({"root"}),
    "cinder_csi/node-driver-registrar": frozenset({"root"}),
    # They write to folders of the node, which are root's.
    "flannel/install-plugin": frozenset({"root"}),
    "flannel/install-config": frozenset({"root"}),
    # It makes interfaces and routes of the node; its iptables chooses its way in its own file system.
    "flannel/flannel": frozenset({"root", "writable", "capabilities"}),
    # It reads a key that is root's alone.
    "keystone_auth/k8s-keystone-auth": frozenset({"root"}),
}

# Kinds that an addon's objects may be of and that Kubernetes itself does not know.
CUSTOM_KINDS: frozenset[str] = frozenset()

# Labels of addons that change no object, and what they change instead.
USED_ELSEWHERE: frozenset[str] = frozenset(
    {
        # There is one to choose, and another is refused.
        "auto_healing_controller",
        # The controller manager gives nodes their parts of the pods' addresses.
        "flannel_network_subnetlen",
    }
)
