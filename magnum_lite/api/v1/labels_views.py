# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of the labels that drivers understand."""

from __future__ import annotations

from typing import Self

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Text
from magnum_lite.model import label_table


class LabelQuery(wtypes.Base):  # type: ignore[misc]
    """``driver`` narrows the list to the labels of one."""

    driver = wtypes.wsattr(Text())

    def to_driver(self) -> str | None:
        asked: str | None = wire.given(self).get("driver")
        return asked


class LabelView(wtypes.Base):  # type: ignore[misc]
    """One label; ``default`` is text as a user would write it, or null where it depends on something else."""

    driver = str
    name = str
    type = str
    default = str
    takes = str
    help = str

    @classmethod
    def of(cls, row: label_table.Row) -> Self:
        return cls(driver=row.driver, name=row.name, type=row.type, default=row.default, takes=row.takes, help=row.help)


class IneffectiveLabel(wtypes.Base):  # type: ignore[misc]
    """A label that Magnum knew and that has no effect here, with the sentence its user is told."""

    name = str
    sentence = str

    @classmethod
    def of(cls, one: label_table.Ineffective) -> Self:
        return cls(name=one.name, sentence=one.sentence)


class LabelsView(wtypes.Base):  # type: ignore[misc]
    labels = [LabelView]
    known_upstream = [IneffectiveLabel]

    @classmethod
    def of(cls, table: label_table.Table) -> Self:
        return cls(
            labels=[LabelView.of(row) for row in table.rows],
            known_upstream=[IneffectiveLabel.of(one) for one in table.known_upstream],
        )
