# SPDX-License-Identifier: Apache-2.0
"""Finding a resource type by its name."""

from collections.abc import Mapping

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.resource_type import ResourceType
from magnum_lite.pocketcloud.heat.resources import (
    group,
    keypair,
    load_balancers,
    nested,
    networks,
    ports,
    routers,
    security,
    server,
    server_group,
    small,
    software,
    volumes,
    waiting,
)
from magnum_lite.pocketcloud.heat.stack import Wish
from magnum_lite.pocketcloud.heat.template import ResourceDefinition

TEMPLATE_ENDINGS = (".yaml", ".yml", ".template")
TYPES: Mapping[str, ResourceType] = {
    one.name: one
    for one in (
        networks.Net(),
        networks.Subnet(),
        routers.Router(),
        routers.RouterInterface(),
        ports.Port(),
        ports.FloatingIP(),
        ports.FloatingIPAssociation(),
        security.SecurityGroup(),
        security.SecurityGroupRule(),
        server.Server(),
        server_group.ServerGroup(),
        keypair.KeyPair(),
        volumes.Volume(),
        volumes.VolumeAttachment(),
        load_balancers.LoadBalancer(),
        load_balancers.Listener(),
        load_balancers.Pool(),
        load_balancers.PoolMember(),
        load_balancers.HealthMonitor(),
        waiting.WaitConditionHandle(),
        waiting.WaitCondition(),
        software.SoftwareConfig(),
        software.SoftwareDeployment(),
        small.Value(),
        small.Nothing(),
        small.RandomString(),
        group.ResourceGroup(),
    )
}


def type_of(definition: ResourceDefinition, wish: Wish) -> ResourceType:
    """Give the type of a resource; a name that ends like a template's is looked up in the files."""
    name = wish.environment.type_of(definition.type)
    if name.endswith(TEMPLATE_ENDINGS):
        return nested.of_text(definition.type, _text(name, wish.files, definition.name))
    if name not in TYPES:
        raise CloudFault(400, f"The Resource Type ({definition.type}) could not be found.", "StackValidationFailed")
    return TYPES[name]


def named(name: str) -> ResourceType:
    """Give one of the built-in types; 404 for another name."""
    if name not in TYPES:
        raise refusals.not_found("Resource Type", name)
    return TYPES[name]


def _text(name: str, files: Mapping[str, str], resource: str) -> str:
    if name not in files:
        raise refusals.invalid(
            f'Failed to validate: resources.{resource}: Could not fetch remote template "{name}": '
            f'it is not in the "files" section'
        )
    return files[name]
