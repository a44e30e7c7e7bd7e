# SPDX-License-Identifier: Apache-2.0
"""The credentials with which a cluster acts in the cloud."""

from __future__ import annotations

from magnum_lite.api import acceptance
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import PROJECT_MEMBER, Rule
from magnum_lite.api.v1.clusters_views import ClusterID
from magnum_lite.drivers.base import Feature
from magnum_lite.errors import NotSupported
from magnum_lite.model.states import Verb

ROTATE = Rule("credential:rotate", PROJECT_MEMBER, "Give a cluster new credentials.")


@expose(
    "PATCH /v1/credentials/{ident}",
    ClusterID,
    status_code=202,
    rule=ROTATE,
    since="1.12",
    raises=(NotSupported,),
)
def rotate(ident: str) -> ClusterID:
    """Give a cluster a new password for its own user in the cloud."""
    return acceptance.accept_rotation(ident, ROTATE, Verb.ROTATE_CREDENTIAL, Feature.ROTATE_CREDENTIAL)
