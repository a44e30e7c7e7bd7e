# SPDX-License-Identifier: Apache-2.0
"""The command magnum-lite-render shows everything for a request file, without a cloud."""

import json
from pathlib import Path

import pytest

from magnum_lite.cmd import render
from tests import pins
from tests.drivers import clusters

REQUEST = json.loads((Path(__file__).parents[1] / "system" / "customers_request.json").read_text())


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """A configuration in which every release is complete."""
    path = tmp_path / "magnum_lite.conf"
    path.write_text(f"[releases]\ndirectories = {pins.directory()}\n")
    return ["--config-file", str(path)]


def test_a_request_is_written_as_files(tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    request = clusters.write_json(tmp_path, "request.json", REQUEST)
    output = tmp_path / "out"

    status = render.main([*options, str(request), "--output", str(output)])

    assert status == 0
    kinds = ("first-master", "other-master", "worker")
    for name in [*(f"{folder}/{kind}.json" for kind in kinds for folder in ("ignition", "document"))]:
        json.loads((output / name).read_text())
    assert json.loads((output / "stack/cluster.yaml").read_text())["resources"]["kube_masters"]
    assert "the request to Heat" in capsys.readouterr().out


def test_the_same_request_gives_the_same_text(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    request = clusters.write_json(tmp_path, "request.json", REQUEST)

    render.main([*options, str(request)])
    first = capsys.readouterr().out
    render.main([*options, str(request)])

    assert capsys.readouterr().out == first
    assert "# stack/cluster.yaml: " in first


def test_a_template_says_what_the_request_does_not(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    request = clusters.write_json(tmp_path, "request.json", REQUEST)
    template = clusters.write_json(tmp_path, "template.json", {"flavor_id": "m1.large", "dns_nameserver": None})

    render.main([*options, str(request), "--template", str(template)])

    assert '"flavor": "m1.large"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("request_body", "sentence"),
    [
        ({"master_count": 2}, "Invalid value 2 for master_count: it takes an odd number from 1 to 7"),
        ({"labels": {"kube_tag": "v9"}}, "Invalid value 'v9' for label kube_tag"),
        ({"sizes": 1}, "the request has no field sizes; it has: "),
        ([], "request.json must hold a JSON object"),
    ],
)
def test_a_request_that_cannot_be_built_is_one_sentence(
    tmp_path: Path,
    options: list[str],
    capsys: pytest.CaptureFixture[str],
    request_body: object,
    sentence: str,
) -> None:
    request = clusters.write_json(tmp_path, "request.json", request_body)

    assert render.main([*options, str(request)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("magnum-lite-render: ")
    assert sentence in error
    assert error.count("\n") == 1


def test_a_missing_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render.main([str(tmp_path / "none.json")]) == 1
    assert "none.json cannot be read" in capsys.readouterr().err
