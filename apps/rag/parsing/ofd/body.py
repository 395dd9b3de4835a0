"""One document inside an OFD file: its pages, their boxes, templates and pictures by name."""

from __future__ import annotations

from typing import Any

from apps.rag.parsing.ofd.package import A4, Package, area, child, children, resolve, text


class Body:
    """Most files hold one. Raises ParseError(corrupt) where a part is missing."""

    def __init__(self, package: Package, name: str) -> None:
        self.package, self._name = package, name
        self._root = package.xml(name)
        common = child(self._root, "CommonData")
        self._area = area(child(common, "PageArea")) or A4
        self._templates = {
            node.get("ID"): resolve(name, node.get("BaseLoc") or "")
            for node in (children(common, "TemplatePage") if common is not None else ())
        }
        self._media: dict[str, str] | None = None

    def pages(self) -> list[str]:
        """The names of the pages, in order."""
        found = child(self._root, "Pages")
        listed = children(found, "Page") if found is not None else ()
        return [resolve(self._name, node.get("BaseLoc") or "") for node in listed]

    def box(self, page: Any) -> tuple[float, float, float, float]:
        """The physical box of a page in millimetres: x, y, width, height."""
        return area(child(page, "Area")) or self._area

    def templates(self, page: Any) -> list[Any]:
        """What lies under a page, in the order given."""
        names = [self._templates.get(node.get("TemplateID")) for node in children(page, "Template")]
        return [self.package.xml(name) for name in names if name]

    def resources(self) -> dict[str, str]:
        """The file of each picture by its id."""
        if self._media is not None:
            return self._media
        self._media = {}
        common = child(self._root, "CommonData")
        for node in children(common, "PublicRes", "DocumentRes") if common is not None else ():
            name = resolve(self._name, text(node))
            root = self.package.xml(name)
            base = resolve(name, (root.get("BaseLoc") or ".") + "/x")
            listed = child(root, "MultiMedias")
            for media in children(listed, "MultiMedia") if listed is not None else ():
                self._media[media.get("ID") or ""] = resolve(base, text(child(media, "MediaFile")))
        return self._media
