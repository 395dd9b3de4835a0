"""XML of untrusted files: no entities, no network, bounded depth."""

from __future__ import annotations

from typing import Any

from apps.rag.errors import ParseError


def parse_xml(data: bytes, *, what: str) -> Any:
    """The lxml root of a part. Nothing is fetched and no entity is opened; a part that declares
    entities is refused, since no office program writes any. Raises ParseError(corrupt)."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"{what}: {error}", code="corrupt") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise ParseError(f"{what} declares entities", code="corrupt")
    return root


def local(node: Any) -> str:
    """The name of an element without its namespace ("" for what is no element)."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
