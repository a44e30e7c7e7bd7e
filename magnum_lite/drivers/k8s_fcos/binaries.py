# SPDX-License-Identifier: Apache-2.0
"""The programs that nodes run outside of containers, and where each is laid."""

from __future__ import annotations

import re
from collections.abc import Mapping

from magnum_lite.drivers.k8s_fcos.place import Place
from magnum_lite.nodeconf import Binary

# Of all CNI plugins only those that Calico and Flannel call.
CNI_PLUGINS = ("bandwidth", "bridge", "firewall", "host-local", "loopback", "portmap", "tuning")
PATHS: Mapping[str, Mapping[str, str]] = {
    "containerd": {
        f"bin/{program}": f"/usr/local/bin/{program}" for program in ("containerd", "containerd-shim-runc-v2", "ctr")
    },
    "runc": {"": "/usr/local/bin/runc"},
    "cni-plugins": {plugin: f"/opt/cni/bin/{plugin}" for plugin in CNI_PLUGINS},
    "kubelet": {"": "/usr/local/bin/kubelet"},
}
VERSION = re.compile(r"v?(\d+\.\d+\.\d+)")


def all_of(place: Place) -> tuple[Binary, ...]:
    """Give what the release pins, in the order in which it is needed."""
    return tuple(
        Binary(
            name,
            {machine: place.source(one) for machine, one in place.release.binaries[name].items()},
            paths,
        )
        for name, paths in PATHS.items()
        if name in place.release.binaries
    )


def version(place: Place, name: str) -> str:
    """Give the version of a program, as its download's URL has it, or else the release's."""
    url = next(iter(place.release.binaries[name].values())).url
    found = VERSION.search(url)
    return f"v{found[1]}" if found else place.release.tag
