# SPDX-License-Identifier: Apache-2.0
"""A unit's text is read as systemd reads it, and a container's command line as podman does."""

from pathlib import Path

import pytest

import magnum_lite
from magnum_lite.agent.podman_run import Container, Volume
from magnum_lite.agent.unit_file import Command, EnvironmentFile, UnitFile, split, variables
from magnum_lite.drivers.k8s_fcos import environment

UNITS = sorted((Path(magnum_lite.__file__).parent / "drivers/k8s_fcos/node/units").rglob("*.service"))
TEXT = (Path(__file__).parent / "units" / "every-way-to-write.service").read_text()
HOSTILE = [
    'a "b" c',
    "it's",
    "$(id) `id` ${HOME} $$",
    "two\nlines",
    "back\\slash\\",
    " spaces ",
    "",
    "#no;comment",
    "ü",
]


def test_a_continued_line_is_one_and_a_comment_within_it_is_none() -> None:
    (command,) = UnitFile.parse(TEXT).commands("ExecStart")

    assert command.words == ("/usr/bin/serve", "--name=${NAME}", "two words", "$MORE", "100%", "tab\there", "a;b")


def test_prefixes_say_that_a_command_may_fail_or_has_no_variables() -> None:
    before = UnitFile.parse(TEXT).commands("ExecStartPre")

    assert before == (
        Command(("/bin/true",), may_fail=True),
        Command(("/bin/echo", "${NAME}"), is_literal=True),
        Command(("/bin/one",)),
        Command(("/bin/two",)),
    )


def test_an_empty_setting_takes_back_those_before_it() -> None:
    assert UnitFile.parse(TEXT).environment_files == (
        EnvironmentFile("/etc/first"),
        EnvironmentFile("/etc/second", may_be_missing=True),
    )


def test_what_a_unit_says_of_its_course_is_read() -> None:
    unit = UnitFile.parse(TEXT)

    assert (unit.is_oneshot, unit.is_active_after_exit, unit.last("Restart", "no")) == (True, True, "on-failure")
    assert (unit.seconds("RestartSec", 0.1), unit.seconds("TimeoutStopSec", 90)) == (5.0, 90.0)
    assert unit.environment == {"ONE": "1", "TWO": "two words"}


def test_a_variable_in_braces_stays_one_word_and_a_bare_one_becomes_many() -> None:
    command = Command(("--name=${NAME}", "$MORE", "$NONE", "${NONE}", "$$NAME", "a$NAME"))

    words = command.with_variables({"NAME": "two words", "MORE": " -a  -b "})

    assert words == ["--name=two words", "-a", "-b", "", "$NAME", "a$NAME"]


def test_a_literal_command_keeps_its_dollars() -> None:
    assert Command(("${NAME}", "$$"), is_literal=True).with_variables({"NAME": "x"}) == ["${NAME}", "$$"]


@pytest.mark.parametrize("text", ['say "no end', "say 'no end", "\\q", "%i"])
def test_what_systemd_would_not_accept_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"quote|backslash|escape|specifier"):
        UnitFile.parse(f"[Service]\nExecStart={text}").commands("ExecStart")


def test_quotes_within_a_word_are_taken_off() -> None:
    assert split("""--a="b c"'d e'f '' "\\"" \\x41\\101\\u0041""") == ["--a=b cd ef", "", '"', "AAA"]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_the_driver_renders_is_read_back_exactly(value: str) -> None:
    text = environment.render({"FIRST": value, "LAST": "end"})

    assert variables(text) == {"FIRST": value, "LAST": "end"}


def test_a_file_of_variables_is_read_as_systemd_reads_it() -> None:
    text = '# A=1\n;B=2\n C = plain text \nD=a\\\nb\nE=\'single $x \\n\'"double"\nF=x"y"\nnot an assignment\nG=\n'

    assert variables(text) == {"C": "plain text", "D": "ab", "E": "single $x \\ndouble", "F": 'x"y"', "G": ""}


def test_what_runs_in_a_container_is_told_with_what_it_sees() -> None:
    words = split(
        "/usr/bin/podman run --name=etcd --rm --read-only --cap-drop=all --cap-add=NET_ADMIN --user=992:990"
        " --volume=/etc/kubernetes:/etc/kubernetes:ro,z --volume=/var/lib/etcd:/data:Z --tmpfs=/run/etcd:size=1m"
        " --env=A=b registry/etcd:1@sha256:00 etcd --name=x --read-only"
    )

    assert Container.parse(words) == Container(
        "registry/etcd:1@sha256:00",
        ("etcd", "--name=x", "--read-only"),
        name="etcd",
        volumes=(Volume("/etc/kubernetes", "/etc/kubernetes", is_read_only=True), Volume("/var/lib/etcd", "/data")),
        tmpfs=("/run/etcd",),
        user="992:990",
        environment=("A=b",),
        dropped=frozenset({"all"}),
        added=frozenset({"net_admin"}),
        is_read_only=True,
    )


@pytest.mark.parametrize("words", ["/usr/bin/podman stop etcd", "/bin/true", "/usr/local/bin/kubelet run --a b"])
def test_any_other_command_is_no_container(words: str) -> None:
    assert Container.parse(words.split()) is None


@pytest.mark.parametrize("words", ["podman run --rm", "podman run -v /a:/b image"])
def test_a_container_that_cannot_be_understood_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="podman run"):
        Container.parse(words.split())


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_of_a_node_can_be_read(path: Path) -> None:
    (command,) = UnitFile.parse(path.read_text()).commands("ExecStart")
    container = Container.parse(command.with_variables({"IMAGE": "image"}))

    assert command.words[0].startswith("/")
    assert container is None or container.image in {"image", ""}
