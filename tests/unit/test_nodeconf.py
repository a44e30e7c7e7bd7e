# SPDX-License-Identifier: Apache-2.0
"""What is written into a node document is what the agent reads from it, whatever it is."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnum_lite.nodeconf import (
    Addon,
    Binary,
    CertificateRequest,
    File,
    Membership,
    NodeDocument,
    Source,
    Unit,
    Upstream,
)

# What no JSON text can carry has no place in a document.
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMED = st.dictionaries(TEXT, TEXT, max_size=2)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
SOURCE = st.builds(Source, TEXT, TEXT)
BINARY = st.builds(Binary, TEXT, st.dictionaries(TEXT, SOURCE, max_size=2), NAMED)
UPSTREAM = st.builds(
    Upstream,
    SOURCE,
    NAMED,
    st.dictionaries(TEXT, NAMED, max_size=2),
    st.dictionaries(TEXT, st.none() | OBJECT, max_size=2),
)


def several(one: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(one, max_size=2).map(tuple)


ADDON = st.builds(Addon, TEXT, several(OBJECT), several(UPSTREAM))
REQUEST = st.builds(CertificateRequest, TEXT, TEXT, TEXT, TEXT, st.none() | TEXT, several(TEXT), several(TEXT))
MEMBERSHIP = st.builds(
    Membership, TEXT, TEXT, NAMED, NAMED, TEXT, TEXT, TEXT, TEXT, st.booleans(), mount=st.none() | TEXT
)
DOCUMENT = st.builds(
    NodeDocument,
    generation=st.integers(),
    cluster=TEXT,
    node=TEXT,
    name=TEXT,
    role=TEXT,
    address=TEXT,
    certificates=several(REQUEST),
    authorities=NAMED,
    authority_paths=NAMED,
    files=several(st.builds(File, TEXT, TEXT, st.integers(0, 0o777))),
    binaries=several(BINARY),
    units=several(st.builds(Unit, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT)),
    addons=st.none() | several(ADDON),
    etcd=st.none() | MEMBERSHIP,
    versions=NAMED,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENT)
def test_a_document_is_read_as_it_was_written(document: NodeDocument) -> None:
    assert NodeDocument.from_json(document.to_json()) == document


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENT)
def test_a_document_that_was_read_has_the_same_tag(document: NodeDocument) -> None:
    assert NodeDocument.from_json(document.to_json()).etag() == document.etag()


def test_no_addons_and_an_empty_list_of_them_are_two_things() -> None:
    bare = NodeDocument(1, "c", "n", "name", "master", "192.0.2.1")

    assert NodeDocument.from_json(bare.to_json()).addons is None
    assert NodeDocument.from_json(NodeDocument(**{**vars(bare), "addons": ()}).to_json()).addons == ()
