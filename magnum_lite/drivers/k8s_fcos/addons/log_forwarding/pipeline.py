# SPDX-License-Identifier: Apache-2.0
"""Fluent Bit's configuration: from sources through what is added to them to the target, each a typed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from magnum_lite.drivers.k8s_fcos.addons.log_forwarding.target import Target
from magnum_lite.drivers.k8s_fcos.addons.settings import read

SETTINGS = Path(__file__).parent / "settings"
# Fluent Bit puts these in itself, from its environment and so from the Secret.
USER, PASSWORD = "${LOG_FORWARDING_USER}", "${LOG_FORWARDING_PASSWORD}"


@dataclass(frozen=True)
class Pipeline:
    """What goes where; ``has_authority`` when the target's authority is a file beside the configuration."""

    target: Target
    sources: tuple[str, ...]
    cluster: str
    has_authority: bool = False

    def settings(self) -> Mapping[str, object]:
        """Give the whole configuration."""
        known = read(SETTINGS / "sources.yaml")
        parts = [known[source] for source in self.sources]
        return {
            **read(SETTINGS / "service.yaml"),
            "pipeline": {
                "inputs": [part["input"] for part in parts],
                "filters": [*(one for part in parts for one in part["filters"]), self._origin()],
                "outputs": [self._output(source, known[source]) for source in self.sources],
            },
        }

    def _origin(self) -> Mapping[str, object]:
        record = ["node ${NODE_NAME}", f"cluster {self.cluster}"]
        return {"name": "record_modifier", "match": "*", "record": record}

    def _output(self, source: str, part: Mapping[str, Any]) -> Mapping[str, object]:
        known = read(SETTINGS / "outputs.yaml")
        authority = {"tls.ca_file": "/settings/authority.crt"} if self.has_authority else {}
        return {
            "match": part["input"]["tag"],
            "host": self.target.host,
            "port": self.target.port,
            **known["every"],
            **known[self.target.scheme],
            **authority,
            **self._special(source, part),
        }

    def _special(self, source: str, part: Mapping[str, Any]) -> Mapping[str, object]:
        """Give what depends on how the target is spoken to."""
        if self.target.scheme == "syslog":
            return {"syslog_message_key": part["message"], "syslog_appname_preset": source}
        if self.target.scheme == "https":
            account = {"http_user": USER, "http_passwd": PASSWORD} if self.target.user else {}
            return {"uri": self.target.path, **account}
        return {"shared_key": PASSWORD} if self.target.password else {}
