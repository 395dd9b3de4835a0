from apps.cabinets.models.cabinet import Cabinet, Folder, Grant, Reach, Role
from apps.cabinets.models.document import Chunk, ChunkRevision, Document, DocumentVersion
from apps.cabinets.models.index import Leftover, RerankerChoice, SearchIndex
from apps.cabinets.models.requests import AccessRequest

__all__ = [
    "AccessRequest",
    "Cabinet",
    "Chunk",
    "ChunkRevision",
    "Document",
    "DocumentVersion",
    "Folder",
    "Grant",
    "Leftover",
    "Reach",
    "RerankerChoice",
    "Role",
    "SearchIndex",
]
