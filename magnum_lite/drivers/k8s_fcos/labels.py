# SPDX-License-Identifier: Apache-2.0
"""The labels of clusters on Fedora CoreOS, but for those of addons, which each addon declares itself."""

from magnum_lite.drivers.k8s_fcos import registries, time_sources
from magnum_lite.model.labels import (
    Label,
    boolean,
    choice,
    cidr,
    cidr_list,
    integer,
    optional_boolean,
    size,
    string,
    volume_type,
)
from magnum_lite.releases import catalogue

WORD = r"[\w.:-]{0,255}"
RELEASE = r"v\d+\.\d+\.\d+"
PREFIX = r"|[a-z0-9][a-z0-9._:/-]{0,253}/"
DOWNLOADS = r"|https?://[A-Za-z0-9.:\[\]_-]{1,253}/([A-Za-z0-9._~/-]{0,253}/)?"
PINNED = r"|[a-z0-9][\w./:-]*@sha256:[0-9a-f]{64}"

KUBE_TAG = Label(
    "kube_tag",
    string("a Kubernetes release such as v1.34.7", RELEASE),
    catalogue.DEFAULT,
    "The release of Kubernetes and of all that goes with it.",
)
AGENT_IMAGE = Label(
    "agent_image",
    string("an image pinned by a digest (name@sha256:...)", PINNED),
    "",
    "The image of the agent that sets up each node; empty: the release's, or what the servers' own image starts.",
)
CONTAINER_INFRA_PREFIX = Label(
    "container_infra_prefix",
    string("a registry's host and path that ends in /, or nothing", PREFIX),
    "",
    "Where all images are pulled from instead of their own registries.",
)
DOWNLOAD_PREFIX = Label(
    "download_prefix",
    string("a URL that ends in /, or nothing", DOWNLOADS),
    "",
    "A mirror of all other downloads: what lies at https://HOST/PATH is fetched from this and HOST/PATH.",
)
REGISTRY_MIRRORS = Label(
    "registry_mirrors", registries.mirrors(), (), "Mirrors that nodes ask for images before the registry itself."
)
SELINUX_MODE = Label(
    "selinux_mode", choice("enforcing", "permissive"), "enforcing", "What SELinux does with what is not allowed."
)
NTP_SERVERS = Label(
    "ntp_servers",
    time_sources.servers(),
    ("2.fedora.pool.ntp.org",),
    "Where nodes have the time from, besides the servers that DHCP names.",
)
FIXED_SUBNET_CIDR = Label(
    "fixed_subnet_cidr", cidr(), "10.0.0.0/24", "The addresses of nodes, on the network made for the cluster."
)
CALICO_IPV4POOL = Label("calico_ipv4pool", cidr(8, 24), "10.100.0.0/16", "The addresses of pods.")
SERVICE_CLUSTER_IP_RANGE = Label(
    "service_cluster_ip_range", cidr(12, 28), "10.254.0.0/16", "The addresses of Kubernetes services."
)
MASTER_LB_ALLOWED_CIDRS = Label(
    "master_lb_allowed_cidrs",
    cidr_list(),
    (),
    "Who reaches the API server, besides the cluster's own subnet.",
)
MASTER_LB_FLOATING_IP_ENABLED = Label(
    "master_lb_floating_ip_enabled",
    optional_boolean(),
    None,
    "Give the API's load balancer a floating IP; unless said, as the template's floating_ip_enabled.",
)
SSH_ALLOWED_CIDRS = Label("ssh_allowed_cidrs", cidr_list(), (), "Who reaches the nodes by SSH; nobody unless said.")
NODE_PORT_ALLOWED_CIDRS = Label(
    "node_port_allowed_cidrs",
    cidr_list(),
    (),
    "Who reaches ports 30000 to 32767 of workers, besides the cluster's own subnet.",
)
BOOT_VOLUME_SIZE = Label(
    "boot_volume_size", size(0, 16384), 0, "Boot from a volume of this size; 0: from the flavor's disk."
)
BOOT_VOLUME_TYPE = Label("boot_volume_type", volume_type(), "", "The volume type of boot volumes.")
ETCD_VOLUME_SIZE = Label(
    "etcd_volume_size", size(0, 16384), 0, "Keep etcd on a volume of this size; 0: on the boot disk."
)
ETCD_VOLUME_TYPE = Label("etcd_volume_type", volume_type(), "", "The volume type of etcd's volumes.")
DOCKER_VOLUME_TYPE = Label(
    "docker_volume_type",
    volume_type(),
    "",
    "The volume type of the volumes that docker_volume_size asks for.",
)
AVAILABILITY_ZONE = Label(
    "availability_zone",
    string("the name of an availability zone", WORD),
    "",
    "The availability zone of servers and volumes.",
)
NODES_AFFINITY_POLICY = Label(
    "nodes_affinity_policy",
    choice("soft-anti-affinity", "anti-affinity", "soft-affinity", "affinity"),
    "soft-anti-affinity",
    "How Nova spreads masters, and workers, over its hosts.",
)
OCTAVIA_PROVIDER = Label(
    "octavia_provider",
    string("the name of an Octavia provider, or nothing", WORD),
    "",
    "The provider of the API's load balancer; empty: the cloud's default.",
)
OCTAVIA_LB_ALGORITHM = Label(
    "octavia_lb_algorithm",
    choice("ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT"),
    "ROUND_ROBIN",
    "How connections are spread over the masters.",
)
OCTAVIA_LB_HEALTHCHECK = Label(
    "octavia_lb_healthcheck", boolean(), True, "Take a master that does not answer out of the load balancer."
)
MIN_NODE_COUNT = Label("min_node_count", integer(0, 10000), 0, "The fewest default workers there may be.")
MAX_NODE_COUNT = Label("max_node_count", integer(0, 10000), 10000, "The most default workers there may be.")

OWN = (
    KUBE_TAG,
    AGENT_IMAGE,
    CONTAINER_INFRA_PREFIX,
    DOWNLOAD_PREFIX,
    REGISTRY_MIRRORS,
    SELINUX_MODE,
    NTP_SERVERS,
    FIXED_SUBNET_CIDR,
    CALICO_IPV4POOL,
    SERVICE_CLUSTER_IP_RANGE,
    MASTER_LB_ALLOWED_CIDRS,
    MASTER_LB_FLOATING_IP_ENABLED,
    SSH_ALLOWED_CIDRS,
    NODE_PORT_ALLOWED_CIDRS,
    BOOT_VOLUME_SIZE,
    BOOT_VOLUME_TYPE,
    ETCD_VOLUME_SIZE,
    ETCD_VOLUME_TYPE,
    DOCKER_VOLUME_TYPE,
    AVAILABILITY_ZONE,
    NODES_AFFINITY_POLICY,
    OCTAVIA_PROVIDER,
    OCTAVIA_LB_ALGORITHM,
    OCTAVIA_LB_HEALTHCHECK,
    MIN_NODE_COUNT,
    MAX_NODE_COUNT,
)
