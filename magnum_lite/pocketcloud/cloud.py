# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud as one object: its services, its clock and its switched-on faults."""

import collections
import dataclasses
import pathlib
import threading

from magnum_lite.noderunner.clock import Clock
from magnum_lite.pocketcloud import furnish, leftovers
from magnum_lite.pocketcloud.compute import Compute
from magnum_lite.pocketcloud.faults import Faults
from magnum_lite.pocketcloud.heat.engine import Orchestration
from magnum_lite.pocketcloud.identity import Identity
from magnum_lite.pocketcloud.image import Image
from magnum_lite.pocketcloud.insides import Insides
from magnum_lite.pocketcloud.key_manager import KeyManager
from magnum_lite.pocketcloud.load_balancer import LoadBalancer
from magnum_lite.pocketcloud.network import Network
from magnum_lite.pocketcloud.registry import Registry
from magnum_lite.pocketcloud.volume import Volume


@dataclasses.dataclass(frozen=True)
class Settings:
    """How the cloud is set up; delays are in seconds.

    With folders of ``programs`` the servers run them in place of their containers; ``downloads`` is a folder of what
    they would download.
    """

    url: str = "http://127.0.0.1:9500"
    magnum_url: str = "http://127.0.0.1:9511/v1"
    state_dir: pathlib.Path = pathlib.Path(".magnum-lite/cloud")
    public_cidr: str = "127.24.0.0/16"
    server_seconds: float = 0.2
    load_balancer_seconds: float = 0.1
    token_seconds: float = 3600.0
    run_agents: bool = True
    programs: tuple[pathlib.Path, ...] = ()
    downloads: pathlib.Path | None = None


class Cloud:
    """All services; `lock` guards every record of all of them but Heat's, and is never held while waiting.

    Heat may call the services while it holds its own lock; no service ever calls Heat.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.calls: collections.Counter[str] = collections.Counter()
        self.furnished_ids: frozenset[str] = frozenset()
        self.clock = Clock()
        self.faults = Faults()
        self.registry = Registry()
        self.identity = Identity(self)
        self.image = Image(self)
        self.network = Network(self)
        self.volume = Volume(self)
        self.key_manager = KeyManager(self)
        self.nodes = Insides(self)
        self.compute = Compute(self)
        self.load_balancer = LoadBalancer(self)
        self.orchestration = Orchestration(self)

    @classmethod
    def furnished(cls, settings: Settings) -> "Cloud":
        """Build a cloud with its users, projects, flavors, images and networks."""
        cloud = cls(settings)
        furnish.furnish(cloud)
        cloud.furnished_ids = leftovers.known(cloud)
        return cloud

    def stop(self) -> None:
        """End delayed work and every agent."""
        self.faults.end()
        self.clock.stop()
        self.nodes.stop()
