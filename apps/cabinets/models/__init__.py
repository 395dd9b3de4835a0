from apps.cabinets.models.cabinet import Cabinet, Folder, Grant, Role
from apps.cabinets.models.document import Chunk, Document, DocumentVersion

__all__ = ["Cabinet", "Chunk", "Document", "DocumentVersion", "Folder", "Grant", "Role"]
