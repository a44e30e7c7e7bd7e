# SPDX-License-Identifier: Apache-2.0
"""Making and deleting stacks."""

import base64

import pytest

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.faults import Fault
from magnum_lite.pocketcloud.heat.outputs import reference
from tests.unit.pocketcloud_heat.heat import Heat, states
from tests.unit.pocketcloud_heat.templates import BALANCED, NETWORK

SERVER = """
resources:
  port: {type: OS::Neutron::Port, properties: {network: private}}
  server:
    type: OS::Nova::Server
    properties:
      name: alone
      image: fedora-coreos
      flavor: m1.small
      key_name: my_keypair
      networks: [{port: {get_resource: port}}]
      user_data: hello
      user_data_format: RAW
      metadata: {role: worker}
outputs:
  name: {value: {get_attr: [server, name]}}
  first: {value: {get_attr: [server, first_address]}}
  port: {value: {get_attr: [port, fixed_ips, 0, ip_address]}}
"""
VOLUMES = """
resources:
  root: {type: OS::Cinder::Volume, properties: {size: 10, image: fedora-coreos, volume_type: encrypted}}
  data: {type: OS::Cinder::Volume, properties: {size: 1}}
  server:
    type: OS::Nova::Server
    properties:
      flavor: m1.small
      networks: [{subnet: private-subnet}]
      block_device_mapping_v2: [{volume_id: {get_resource: root}, boot_index: 0, delete_on_termination: false}]
  tie: {type: OS::Cinder::VolumeAttachment,
        properties: {instance_uuid: {get_resource: server}, volume_id: {get_resource: data}}}
outputs:
  status: {value: {get_attr: [data, status]}}
"""
SMALL = """
resources:
  drawn:
    type: OS::Heat::RandomString
    properties: {length: 12, character_classes: [{class: digits, min: 12}]}
  key: {type: OS::Nova::KeyPair, properties: {name: made, save_private_key: true}}
  group: {type: OS::Nova::ServerGroup, properties: {policies: [affinity]}}
  config: {type: OS::Heat::SoftwareConfig, properties: {group: script, config: echo}}
  deployed:
    type: OS::Heat::SoftwareDeployment
    properties: {config: {get_resource: config}, server: any, signal_transport: NO_SIGNAL}
  nothing: {type: OS::Heat::None, properties: {any: thing}}
outputs:
  drawn: {value: {get_resource: drawn}}
  config: {value: {get_attr: [config, config]}}
  key: {value: {get_attr: [key, private_key]}}
  policy: {value: {get_attr: [group, show, policies]}}
"""
GUARDED = """
parameters: {with_it: {type: boolean}}
conditions: {wanted: {get_param: with_it}, unwanted: {not: wanted}}
resources:
  it: {type: OS::Heat::Value, condition: wanted, properties: {value: there}}
  user: {type: OS::Heat::Value, properties: {value: {if: [wanted, {get_attr: [it, value]}, gone]}}}
outputs:
  value: {value: {get_attr: [user, value]}}
  only_without: {condition: unwanted, value: 1}
"""


def test_resources_are_made_after_those_they_require(heat: Heat) -> None:
    stack = heat.create(NETWORK)

    finished = [event.resource_name for event in stack.events if event.status == "CREATE_COMPLETE"]
    assert stack.state == "CREATE_COMPLETE"
    assert stack.reason == "Stack CREATE completed successfully"
    assert finished.index("net") < finished.index("subnet") < finished.index("port") < finished.index("address")
    assert finished.index("leg") < finished.index("address")
    assert finished[-1] == "stack"


def test_outputs_give_what_the_cloud_says(heat: Heat) -> None:
    stack = heat.create(NETWORK)

    assert heat.output(stack, "inner").startswith("127.40.0.")
    assert heat.output(stack, "outer").startswith("127.24.")
    assert heat.output(stack, "subnet") == stack.resources["subnet"].physical_id


def test_outputs_of_a_stack_in_progress_are_null_where_nothing_is_yet(heat: Heat) -> None:
    stack = heat.begin(NETWORK)

    assert heat.output(stack, "inner") is None
    assert heat.output(stack, "subnet") is None


def test_a_server_gets_what_its_properties_say(heat: Heat) -> None:
    stack = heat.create(SERVER)

    record = heat.cloud.compute.get_server(heat.scope, str(reference(stack, "server")))
    assert (record["status"], record["key_name"], record["metadata"]) == ("ACTIVE", "my_keypair", {"role": "worker"})
    assert base64.b64decode(record["_user_data"]) == b"hello"
    assert heat.output(stack, "name") == "alone"
    assert heat.output(stack, "first") == heat.output(stack, "port")


def test_a_stack_waits_until_its_server_is_active(heat: Heat) -> None:
    stack = heat.begin(SERVER)

    heat.clock.move(heat.cloud.settings.server_seconds / 2)

    assert states(stack) == {"port": "CREATE_COMPLETE", "server": "CREATE_IN_PROGRESS"}


def test_volumes_are_made_attached_and_let_go(heat: Heat) -> None:
    stack = heat.create(VOLUMES)

    status = heat.output(stack, "status")
    heat.delete(stack)

    assert status == "in-use"
    assert stack.state == "DELETE_COMPLETE"
    assert heat.cloud.volume.usage(heat.scope.project_id)["volumes"] == 0


def test_octavia_is_asked_again_while_it_is_busy(heat: Heat) -> None:
    stack = heat.create(BALANCED)

    assert stack.state == "CREATE_COMPLETE", stack.reason
    assert heat.output(stack, "vip") is not None
    assert len(heat.cloud.load_balancer.list("member", heat.scope)) == 2


def test_small_resources_give_their_values(heat: Heat) -> None:
    stack = heat.create(SMALL)

    assert heat.output(stack, "drawn").isdigit()
    assert len(heat.output(stack, "drawn")) == 12
    assert heat.output(stack, "config") == "echo"
    assert "PRIVATE KEY" in heat.output(stack, "key")
    assert heat.output(stack, "policy") == ["affinity"]


@pytest.mark.parametrize(("with_it", "value", "names"), [(True, "there", {"it", "user"}), (False, "gone", {"user"})])
def test_conditions_choose_resources_and_values(heat: Heat, with_it: bool, value: str, names: set[str]) -> None:
    stack = heat.create(GUARDED, parameters={"with_it": with_it})

    assert set(stack.resources) == names
    assert heat.output(stack, "value") == value


@pytest.mark.parametrize("template", [NETWORK, SERVER, SMALL, BALANCED])
def test_a_deleted_stack_leaves_nothing_behind(heat: Heat, template: str) -> None:
    before = _leftovers(heat)

    stack = heat.delete(heat.create(template))

    assert (stack.state, stack.resources) == ("DELETE_COMPLETE", {})
    assert _leftovers(heat) == before
    assert heat.engine.find(heat.scope.project_id, "stack") is None
    assert heat.engine.find(heat.scope.project_id, stack.id) is stack


def test_what_is_gone_already_does_not_keep_a_stack(heat: Heat) -> None:
    stack = heat.create(SERVER)
    heat.cloud.compute.delete_server(heat.scope, str(stack.resources["server"].physical_id))
    heat.clock.move(10)

    assert heat.delete(stack).state == "DELETE_COMPLETE"


def test_deleting_twice_is_deleting_once(heat: Heat) -> None:
    stack = heat.create(SERVER)

    heat.engine.delete(heat.scope, stack)
    heat.engine.delete(heat.scope, stack)
    heat.settle(stack)

    assert [event.status for event in stack.events if event.resource_name == "stack"].count("DELETE_IN_PROGRESS") == 1


def test_a_stack_can_be_deleted_while_it_is_made(heat: Heat) -> None:
    before = _leftovers(heat)
    stack = heat.begin(SERVER)
    heat.clock.move(heat.cloud.settings.server_seconds / 2)

    heat.delete(stack)
    heat.clock.move(10)

    assert stack.state == "DELETE_COMPLETE"
    assert _leftovers(heat) == before


def test_a_retained_resource_stays(heat: Heat) -> None:
    stack = heat.create("resources: {net: {type: OS::Neutron::Net, deletion_policy: retain, properties: {name: kept}}}")

    heat.delete(stack)

    assert heat.networks() == ["kept"]


def test_what_cannot_be_deleted_fails_the_stack_and_can_be_tried_again(heat: Heat) -> None:
    stack = heat.create(NETWORK)
    intruder = heat.cloud.network.create("port", heat.scope, {"network_id": stack.resources["net"].physical_id})

    failed = heat.delete(stack).state, stack.reason
    heat.cloud.network.delete("port", heat.scope, intruder["id"])
    heat.delete(stack)

    assert failed[0] == "DELETE_FAILED"
    assert failed[1].startswith("Resource DELETE failed: SubnetInUse: resources.subnet: ")
    assert stack.state == "DELETE_COMPLETE"


def test_a_name_is_taken_once_in_a_project(heat: Heat) -> None:
    heat.create("resources: {}")

    with pytest.raises(CloudFault) as raised:
        heat.create("resources: {}")

    assert (raised.value.status, raised.value.message) == (409, "The Stack (stack) already exists.")


def test_a_failed_resource_names_itself_and_its_cause(heat: Heat) -> None:
    heat.break_server("alone")

    stack = heat.create(SERVER)

    cause = 'resources.server: Went to status ERROR due to "Message: No valid host was found., Code: 500"'
    assert stack.state == "CREATE_FAILED"
    assert stack.reason == f"Resource CREATE failed: ResourceInError: {cause}"
    assert stack.resources["server"].reason == f"ResourceInError: {cause}"


def test_a_quota_is_told_in_the_services_own_words(heat: Heat) -> None:
    heat.cloud.faults.add(
        Fault("neutron", "quota", operation="create_port", message="Quota exceeded for resources: ['port'].")
    )

    stack = heat.create(SERVER)

    assert stack.reason == "Resource CREATE failed: OverQuota: resources.port: Quota exceeded for resources: ['port']."


def test_a_passing_fault_while_waiting_does_not_fail_the_stack(heat: Heat) -> None:
    heat.cloud.faults.add(Fault("nova", "error", operation="get_server", status=503, count=3))

    assert heat.create(SERVER).state == "CREATE_COMPLETE"


def test_a_failed_stack_is_rolled_back_if_asked_for(heat: Heat) -> None:
    before = _leftovers(heat)
    heat.break_server("alone")

    stack = heat.begin(SERVER, disable_rollback=False)
    heat.clock.move(60)

    said = [event.status for event in stack.events if event.resource_name == "stack"]
    assert said == ["CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]
    assert stack.resources == {}
    heat.delete(stack)
    assert _leftovers(heat) == before


def test_what_goes_on_beside_a_failure_is_aborted(heat: Heat) -> None:
    heat.break_server("alone")
    slow = "\n  waiting: {type: OS::Heat::WaitConditionHandle}\n"
    slow += "  wait: {type: OS::Heat::WaitCondition, properties: {handle: {get_resource: waiting}, timeout: 900}}\n"

    stack = heat.create(SERVER.replace("\noutputs:", slow + "outputs:"))

    assert stack.state == "CREATE_FAILED"
    assert stack.resources["wait"].reason == "CREATE aborted"
    assert heat.clock.now < 60


def test_a_stack_times_out(heat: Heat) -> None:
    waiting = """
    resources:
      handle: {type: OS::Heat::WaitConditionHandle}
      wait: {type: OS::Heat::WaitCondition, properties: {handle: {get_resource: handle}, timeout: 7200}}
    """

    stack = heat.create(waiting, timeout_mins=2)

    assert (stack.state, stack.reason) == ("CREATE_FAILED", "Timed out")
    assert heat.clock.now == pytest.approx(120)


def _leftovers(heat: Heat) -> dict[str, int]:
    # The first look makes the project's default security group, which is no stack's.
    heat.cloud.network.list("security_group", heat.scope)
    counts = {kind: records.count(heat.scope.project_id) for kind, records in heat.cloud.network.records.items()}
    counts |= {kind: records.count(heat.scope.project_id) for kind, records in heat.cloud.load_balancer.records.items()}
    return counts | {
        "servers": len(heat.cloud.compute.servers),
        "groups": len(heat.cloud.compute.groups),
        "keypairs": len(heat.cloud.compute.keypairs.list_(heat.scope.user_id)),
        "stacks": len(heat.engine.list_(heat.scope.project_id, nested=True)),
    }
