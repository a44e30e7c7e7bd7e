# SPDX-License-Identifier: Apache-2.0
"""What the tests of all addons cannot know by themselves: values of labels, and what an addon may that others may not.

Add an entry here for each label of an addon that is neither a boolean nor a choice.
"""

from collections.abc import Mapping
from typing import Any

# A label's value, or several; ``with NAME`` names other labels that have to be there for it to have an effect.
EXAMPLES: Mapping[str, Any] = {
    "flannel_network_cidr": "10.200.0.0/16",
    "flannel_network_subnetlen": "25",
}

# Templates that change what is rendered.
TEMPLATES: Mapping[str, Mapping[str, Any]] = {}

# What a container (addon/container) does without, each with its reason beside it: ``root`` runs as root, ``writable``
# writes to its own file system, ``capabilities`` has some beyond NET_BIND_SERVICE, ``privileged`` has all.
EXCEPTIONS: Mapping[str, frozenset[str]] = {
    # They write to folders of the node, which are root's.
    "flannel/install-plugin": frozenset({"root"}),
    "flannel/install-config": frozenset({"root"}),
    # It makes interfaces and routes of the node; its iptables chooses its way in its own file system.
    "flannel/flannel": frozenset({"root", "writable", "capabilities"}),
}

# Kinds that an addon's objects may be of and that Kubernetes itself does not know.
CUSTOM_KINDS: frozenset[str] = frozenset()

# Labels of addons that change no object, and what they change instead.
USED_ELSEWHERE: frozenset[str] = frozenset(
    {
        # The controller manager gives nodes their parts of the pods' addresses.
        "flannel_network_subnetlen",
    }
)
