# SPDX-License-Identifier: Apache-2.0
"""Nova: servers that are rows, on a node that is the same one at each start.

Nova loads drivers from its own package alone, so tools/devcloud puts a link to this file there.
"""

import nova.virt.node
from nova.virt import fake


class Servers(fake.FakeDriver):
    """Nova's fake driver with the node's own identity, without which it is another node at each start."""

    def get_available_resource(self, nodename):
        return {**super().get_available_resource(nodename), "uuid": nova.virt.node.get_local_node_uuid()}

    def get_nodenames_by_uuid(self, refresh=False):
        return {nova.virt.node.get_local_node_uuid(): self.get_available_nodes()[0]}
