from apps.cabinets.models.cabinet import Cabinet, Folder, Grant, Role
from apps.cabinets.models.document import Chunk, ChunkRevision, Document, DocumentVersion
from apps.cabinets.models.index import Leftover, SearchIndex

__all__ = [
    "Cabinet",
    "Chunk",
    "ChunkRevision",
    "Document",
    "DocumentVersion",
    "Folder",
    "Grant",
    "Leftover",
    "Role",
    "SearchIndex",
]
