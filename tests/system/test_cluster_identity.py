# SPDX-License-Identifier: Apache-2.0
"""On a real Keystone: a cluster goes on without its requester, without any token, and with no role that one lacked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1.identity import v3

from tests.system.house import House, house_of
from tests.system.processes import wait_until
from tests.system.real_cloud import RealCloud
from tests.system.user import GONE, User

# The SDK warns of what its own parts call of each other.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::openstack.warnings.RemovedInSDK{number}Warning") for number in (50, 60)
]

IDENTITY: dict[str, Any] = {"endpoint_filter": {"service_type": "identity", "interface": "public"}}


@pytest.fixture(scope="module")
def installed(devcloud: RealCloud) -> House:
    return house_of(devcloud)


@pytest.fixture
def requester(devcloud: RealCloud, installed: House) -> Iterator[User]:
    """A user who is there for one test, with the role ``member`` on the project ``demo`` and no other."""
    admin, name = devcloud.connection().identity, f"requester-{secrets.token_hex(4)}"
    made = admin.create_user(name=name, domain_id="default", password=devcloud.password)
    project = admin.find_project("demo")
    admin.assign_project_role_to_user(project.id, made.id, admin.find_role("member").id)
    user = installed.user(name, "demo")
    user.keypair("own")
    yield user
    admin.delete_user(made.id)


def with_application_credential(user: User, *, unrestricted: bool = False) -> User:
    """Give the same user as it logs in with an application credential, a restricted one unless said."""
    path = f"/users/{user.session.get_user_id()}/application_credentials"
    body = {"application_credential": {"name": "for-clusters", "unrestricted": unrestricted}}
    made = user.session.post(path, json=body, **IDENTITY).json()["application_credential"]
    auth = v3.ApplicationCredential(
        user.cloud.auth_url, application_credential_id=made["id"], application_credential_secret=made["secret"]
    )
    return User(user.cloud, user.api_url, auth=auth)


def test_a_cluster_goes_on_when_its_requester_is_gone_and_no_token_is_left(
    devcloud: RealCloud, installed: House, requester: User
) -> None:
    before, tenant = devcloud.leftovers(), installed.user()
    template = requester.template("orphan", keypair_id="own")
    cluster = requester.create(template, "orphan")
    wait_until(lambda: tenant.show(cluster)["stack_id"] is not None, "the stack is begun", seconds=120)
    devcloud.connection().identity.delete_user(requester.session.get_user_id())
    devcloud.command("kill", "magnum-lite-conductor")
    devcloud.command("start", "magnum-lite-conductor")
    tenant.wait_for(cluster, "CREATE_COMPLETE")

    answer = tenant.call("POST", f"/clusters/{cluster}/actions/resize", {"node_count": 2})
    assert answer.status_code == 202, answer.text
    tenant.wait_for(cluster, "UPDATE_COMPLETE")
    tenant.remove(cluster)

    assert installed.rows_of(cluster) == {}
    wait_until(lambda: devcloud.leftovers() == before, f"{devcloud.leftovers()} as {before}", seconds=60)


def test_an_application_credential_is_enough_and_the_clusters_user_has_no_role_that_it_lacks(
    devcloud: RealCloud, installed: House, requester: User
) -> None:
    user = with_application_credential(requester)
    cluster = user.create(requester.template("credential", keypair_id="own"), "credential")
    user.wait_for(cluster, "CREATE_COMPLETE")
    (row,) = installed.query("SELECT cluster_user_id, project_id FROM cluster WHERE uuid = :uuid", uuid=cluster)
    admin = devcloud.connection().identity
    found = list(admin.role_assignments(user_id=row.cluster_user_id, include_names=True))

    assert [(one.role["name"], one.scope["project"]["id"]) for one in found] == [("member", row.project_id)]
    user.delete(cluster)
    installed.user().wait_for(cluster, GONE)
    assert admin.find_user(row.cluster_user_id, ignore_missing=True) is None


@pytest.fixture
def trusting(devcloud: RealCloud, installed: House) -> Iterator[None]:
    """The services with ``[cluster_user] grant = trust``."""
    with devcloud.configured("[cluster_user]\ngrant = trust\n"):
        wait_until(installed.is_healthy, "the API answers", seconds=60)
        yield
    wait_until(installed.is_healthy, "the API answers", seconds=60)


def trusts_in(devcloud: RealCloud, user_id: str) -> list[dict[str, Any]]:
    admin = devcloud.connection().session
    answer = admin.get(f"/OS-TRUST/trusts?trustee_user_id={user_id}", **IDENTITY)
    return list(answer.json()["trusts"])


def cluster_user(installed: House, cluster: str) -> Any:
    (row,) = installed.query("SELECT cluster_user_id, trust_id FROM cluster WHERE uuid = :uuid", uuid=cluster)
    return row


@pytest.mark.usefixtures("trusting")
def test_by_a_trust_a_cluster_lives_without_any_token_and_its_user_has_no_role(
    devcloud: RealCloud, installed: House, requester: User
) -> None:
    before = devcloud.leftovers()
    cluster = requester.create(requester.template("trusted", keypair_id="own"), "trusted")
    wait_until(lambda: requester.show(cluster)["stack_id"] is not None, "the stack is begun", seconds=120)
    devcloud.command("kill", "magnum-lite-conductor")
    devcloud.command("start", "magnum-lite-conductor")
    requester.wait_for(cluster, "CREATE_COMPLETE")

    user_id = cluster_user(installed, cluster).cluster_user_id
    (trust,) = trusts_in(devcloud, user_id)
    assert list(devcloud.connection().identity.role_assignments(user_id=user_id)) == []
    assert trust["trustor_user_id"] == requester.session.get_user_id()

    answer = requester.call("POST", f"/clusters/{cluster}/actions/resize", {"node_count": 2})
    assert answer.status_code == 202, answer.text
    requester.wait_for(cluster, "UPDATE_COMPLETE")
    requester.remove(cluster)
    wait_until(lambda: devcloud.leftovers() == before, f"{devcloud.leftovers()} as {before}", seconds=60)
    assert trusts_in(devcloud, user_id) == []


@pytest.mark.usefixtures("trusting")
def test_the_trust_ends_with_its_requester_and_the_cluster_can_only_be_deleted(
    devcloud: RealCloud, installed: House, requester: User
) -> None:
    before, tenant = devcloud.leftovers(), installed.user()
    cluster = requester.create(requester.template("left", keypair_id="own"), "left")
    requester.wait_for(cluster, "CREATE_COMPLETE")
    devcloud.connection().identity.delete_user(requester.session.get_user_id())
    # The token that the conductor has is good for a while, as services remember what Keystone said of it.
    devcloud.command("kill", "magnum-lite-conductor")
    devcloud.command("start", "magnum-lite-conductor")

    tenant.call("POST", f"/clusters/{cluster}/actions/resize", {"node_count": 2})
    tenant.wait_for(cluster, "UPDATE_FAILED")
    assert "can be deleted, but not changed any more" in tenant.show(cluster)["status_reason"]
    tenant.remove(cluster)
    wait_until(lambda: devcloud.leftovers() == before, f"{devcloud.leftovers()} as {before}", seconds=60)


@pytest.mark.usefixtures("trusting")
def test_a_restricted_application_credential_can_make_no_trust_and_is_told_so(
    devcloud: RealCloud, installed: House, requester: User
) -> None:
    before, template = devcloud.leftovers(), requester.template("restricted", keypair_id="own")
    wish = {"name": "restricted", "cluster_template_id": template, "node_count": 1}
    answer = with_application_credential(requester).call("POST", "/clusters", wish)

    assert answer.status_code == 403
    assert "restricted application credential" in answer.json()["errors"][0]["detail"]
    assert devcloud.leftovers() == before


@pytest.mark.usefixtures("trusting")
def test_what_keystone_itself_refuses_leaves_nothing(devcloud: RealCloud, installed: House, requester: User) -> None:
    before, template = devcloud.leftovers(), requester.template("unrestricted", keypair_id="own")
    wish = {"name": "unrestricted", "cluster_template_id": template, "node_count": 1}
    answer = with_application_credential(requester, unrestricted=True).call("POST", "/clusters", wish)

    # This Keystone refuses trusts to every application credential.
    assert answer.status_code == 403
    assert "Delegated tokens cannot manage trusts" in answer.json()["errors"][0]["detail"]
    wait_until(
        lambda: installed.query("SELECT uuid FROM cluster WHERE name = 'unrestricted'") == [], "gone", seconds=60
    )
    assert devcloud.leftovers() == before
