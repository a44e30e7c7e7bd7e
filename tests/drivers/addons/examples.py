# SPDX-License-Identifier: Apache-2.0
"""What the tests of all addons cannot know by themselves: values of labels, and what an addon may that others may not.

Add an entry here for each label of an addon that is neither a boolean nor a choice.
"""

import base64
from collections.abc import Mapping
from typing import Any

from magnum_lite.certs import x509

# Whom to send logs to: one of each kind, with the worst that credentials may be.
LOGS = (
    "https://us%22er:pass%24%7Bx%7D@logs.example/in?a=b",
    "forward://:shared%20key@[2001:db8::1]:24225",
    "syslog://192.0.2.7",
)
AUTHORITY = base64.b64encode(x509.new_ca("logs", organization="o", unit="u", days=2).certificate_pem.encode()).decode()

# A label's value, or several; ``with NAME`` names other labels that have to be there for it to have an effect.
EXAMPLES: Mapping[str, Any] = {
    "auto_healing_unhealthy_seconds": "600",
    "auto_scaling_unneeded_minutes": "30",
    "cinder_csi_default_volume_type": "fast",
    "flannel_network_cidr": "10.200.0.0/16",
    "flannel_network_subnetlen": "25",
    "log_forwarding_ca": AUTHORITY,
    "with log_forwarding_ca": {"log_forwarding_target": LOGS[0]},
    "log_forwarding_sources": ("journal", "audit,containers"),
    "with log_forwarding_sources": {"log_forwarding_target": LOGS[0]},
    "log_forwarding_target": LOGS,
    "monitoring_interval_seconds": "7",
    "monitoring_retention_days": "3",
    "monitoring_retention_size": "40",
    "monitoring_storage_class_name": "fast",
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
    # They read what is root's: logs of the node, the journal, the keys that they or others serve with.
    "log-forwarding/fluent-bit": frozenset({"root"}),
    "metrics-server/metrics-server": frozenset({"root"}),
    "node-exporter/certificate": frozenset({"root"}),
    "node-problem-detector/node-problem-detector": frozenset({"root"}),
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
