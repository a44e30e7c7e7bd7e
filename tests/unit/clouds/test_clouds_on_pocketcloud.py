# SPDX-License-Identifier: Apache-2.0
"""Our clients against the pocket cloud, as a requester, as the service, and as a cluster's user."""

from collections.abc import Iterator

import pytest
from keystoneauth1.identity import V3Password
from oslo_config import cfg

from magnum_lite.clouds import cinder, glance, keystone, neutron, nova
from magnum_lite.clouds.session import CloudSession, cluster_session, service_session, user_session
from magnum_lite.conductor.clouds import OpenStackClouds
from magnum_lite.drivers.base import Strays
from magnum_lite.errors import CloudForbidden, InvalidField, NotFound
from magnum_lite.model.defaults import Requester
from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.server import PocketCloud, free_port
from tests.builders import a_cluster
from tests.unit.clouds.configuration import for_cloud


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    pocket = PocketCloud(Settings(url=url, state_dir=tmp_path_factory.mktemp("pocket"), run_agents=False), port)
    yield url
    pocket.stop()


@pytest.fixture(scope="module")
def conf(url: str, tmp_path_factory: pytest.TempPathFactory) -> cfg.ConfigOpts:
    return for_cloud(url, tmp_path_factory.mktemp("conf"), region_name="RegionOne", timeout="20")


@pytest.fixture(scope="module")
def service(conf: cfg.ConfigOpts) -> CloudSession:
    return service_session(conf)


@pytest.fixture(scope="module")
def demo(conf: cfg.ConfigOpts, url: str) -> CloudSession:
    return requester(conf, url, "demo")


def requester(conf: cfg.ConfigOpts, url: str, name: str) -> CloudSession:
    auth = V3Password(
        f"{url}/identity/v3",
        username=name,
        password="secret",
        user_domain_id="default",
        project_name=name,
        project_domain_id="default",
    )
    return user_session(conf, auth)


def cluster(conf: cfg.ConfigOpts, service: CloudSession, user_id: str, password: str, project: str) -> CloudSession:
    return cluster_session(
        conf, auth_url=keystone.auth_url(service), user_id=user_id, password=password, project_id=project
    )


def test_a_flavor_is_the_same_by_id_and_name(demo: CloudSession) -> None:
    flavor = nova.get_flavor(demo, "m1.small")

    assert (flavor.name, flavor.ram, flavor.vcpus, flavor.disk) == ("m1.small", 2048, 1, 20)
    assert nova.get_flavor(demo, flavor.id) == flavor


def test_a_keypair_is_its_owners(conf: cfg.ConfigOpts, url: str, demo: CloudSession) -> None:
    assert nova.get_keypair(demo, "my_keypair").public_key.startswith("ssh-")
    with pytest.raises(NotFound):
        nova.get_keypair(requester(conf, url, "other"), "my_keypair")


def test_an_image_tells_what_chooses_its_driver(demo: CloudSession) -> None:
    image = glance.get_image(demo, "fedora-coreos")

    assert (image.os_distro, image.status) == ("fedora-coreos", "active")
    assert glance.get_image(demo, image.id) == image
    assert glance.get_image(demo, "plain").os_distro is None


def test_the_external_network_is_the_same_by_id_and_name(demo: CloudSession) -> None:
    network = neutron.get_network(demo, "public", external=True)

    assert network.is_external
    assert neutron.get_network(demo, network.id, external=True) == network


def test_an_inner_network_is_not_external(demo: CloudSession) -> None:
    with pytest.raises(InvalidField, match="an external network"):
        neutron.get_network(demo, "private", external=True)


def test_another_projects_network_is_not_seen(conf: cfg.ConfigOpts, url: str) -> None:
    with pytest.raises(InvalidField, match="fixed_network"):
        neutron.get_network(requester(conf, url, "other"), "private", external=False, field="fixed_network")


def test_a_subnet_belongs_to_its_network(demo: CloudSession) -> None:
    network = neutron.get_network(demo, "private", external=False)

    assert neutron.get_subnet(demo, "private-subnet").network_id == network.id


def test_a_volume_type_is_the_same_by_id_and_name(demo: CloudSession) -> None:
    encrypted = cinder.get_volume_type(demo, "encrypted", field="label etcd_volume_type")

    assert cinder.get_volume_type(demo, encrypted.id, field="label etcd_volume_type") == encrypted


@pytest.mark.parametrize("ident", ["nothing", "0b6f7a5e-3a52-4c4e-9f0e-0d6d0d1f9a11", "..", "a/b"])
def test_what_is_not_there_is_refused_with_its_name(demo: CloudSession, ident: str) -> None:
    for look_up in (
        lambda: nova.get_flavor(demo, ident),
        lambda: glance.get_image(demo, ident),
        lambda: neutron.get_network(demo, ident, external=None),
        lambda: neutron.get_subnet(demo, ident),
        lambda: cinder.get_volume_type(demo, ident, field="volume type"),
    ):
        with pytest.raises(InvalidField, match=f"Invalid value '{ident}'"):
            look_up()


def test_an_administrator_finds_a_project_by_its_id(
    conf: cfg.ConfigOpts, url: str, service: CloudSession, demo: CloudSession
) -> None:
    admin = requester(conf, url, "admin")
    project_id = str(demo.get_project_id())

    assert keystone.get_project(admin, project_id) == keystone.Project(project_id, "demo")
    for ident in ("nothing", "0b6f7a5e3a524c4e9f0e0d6d0d1f9a11", "", "..", f"{project_id}/users", "a/b"):
        with pytest.raises(NotFound, match=f"Project {ident} could not be found"):
            keystone.get_project(admin, ident)


def test_another_project_is_not_for_a_member_to_look_up(demo: CloudSession, service: CloudSession) -> None:
    with pytest.raises(CloudForbidden):
        keystone.get_project(demo, str(service.get_project_id()))


def test_a_clusters_user_acts_on_its_project_until_it_is_removed(
    conf: cfg.ConfigOpts, service: CloudSession, demo: CloudSession
) -> None:
    project = demo.get_project_id()
    assert project is not None
    user_id = keystone.ensure_user(service, "magnum", "cluster-1", "first").id
    keystone.ensure_role(service, user_id, project, ["member", "load-balancer_member"])
    keystone.ensure_role(service, user_id, project, ["member"])

    seen = neutron.get_network(cluster(conf, service, user_id, "first", project), "private", external=False)
    keystone.remove_user(service, "magnum", "cluster-1")
    keystone.remove_user(service, "magnum", "cluster-1")

    assert seen.name == "private"
    with pytest.raises(CloudForbidden):
        neutron.get_network(cluster(conf, service, user_id, "first", project), "private", external=False)


def test_a_second_run_finds_the_user_and_its_last_password_holds(
    conf: cfg.ConfigOpts, service: CloudSession, demo: CloudSession
) -> None:
    project = demo.get_project_id()
    assert project is not None
    user_id = keystone.ensure_user(service, "magnum", "cluster-2", "first").id
    keystone.ensure_role(service, user_id, project, ["member"])

    assert keystone.ensure_user(service, "magnum", "cluster-2", "second") == keystone.User(user_id, is_changed=True)
    assert cluster(conf, service, user_id, "second", project).get_token()
    with pytest.raises(CloudForbidden):
        glance.get_image(cluster(conf, service, user_id, "first", project), "plain")


def test_a_requester_cannot_make_users(demo: CloudSession) -> None:
    with pytest.raises(CloudForbidden):
        keystone.ensure_user(demo, "magnum", "cluster-3", "secret")


@pytest.mark.parametrize("service_type", ["orchestration", "load-balancer", "block-storage", "container-infra"])
def test_every_service_we_need_is_in_the_catalog(service: CloudSession, url: str, service_type: str) -> None:
    assert keystone.endpoint_of(service, service_type).startswith("http://127.0.0.1:")


def test_only_what_a_cluster_has_lost_is_removed_from_its_network(
    conf: cfg.ConfigOpts, url: str, service: CloudSession, demo: CloudSession
) -> None:
    def make(path: str, kind: str, **fields: object) -> str:
        answer = demo.post(f"{url}/network/v2.0{path}", json={kind: fields})
        return str(answer.json()[kind]["id"])

    row = a_cluster(requester=Requester(str(demo.get_project_id()), "demo", None, ("member",)))
    own, lost, theirs = row.masters[0].name, row.workers[0].name, "bastion"
    network = make("/networks", "network", name="lost")
    subnet = make("/subnets", "subnet", network_id=network, cidr="127.40.0.0/24", ip_version=4)
    router = make("/routers", "router", name="lost")
    demo.put(f"{url}/network/v2.0/routers/{router}/add_router_interface", json={"subnet_id": subnet})
    for name in (own, theirs):
        make("/ports", "port", network_id=network, name=name)
    port = make("/ports", "port", network_id=network, name=lost)
    wish = {"name": lost, "flavorRef": nova.get_flavor(demo, "m1.small").id, "networks": [{"port": port}]}
    image = glance.get_image(demo, "fedora-coreos").id
    server = demo.post(f"{url}/compute/v2.1/servers", json={"server": {**wish, "imageRef": image}}).json()["server"][
        "id"
    ]
    row.cluster_user_id = keystone.ensure_user(service, "magnum", row.cluster_user_name, "secret").id
    keystone.ensure_role(service, row.cluster_user_id, row.project_id, ["member"])

    strays = Strays((network,), (router,), (own, lost))
    removed = OpenStackClouds(conf, service).remove_strays(row, "secret", strays)

    assert len(removed) == 3
    assert [one.name for one in neutron.list_ports(demo, network) if one.device != server] == [theirs]
    gone = demo.get(f"{url}/compute/v2.1/servers/{server}", raise_exc=False)
    assert gone.status_code == 404 or gone.json()["server"]["OS-EXT-STS:task_state"] == "deleting"
    assert OpenStackClouds(conf, service).remove_strays(row, "secret", Strays((), (), (own,))) == []
