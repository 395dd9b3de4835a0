from apps.cabinets.api.cabinets import router as cabinets
from apps.cabinets.api.content import router as content
from apps.cabinets.api.documents import router as documents

routers = (cabinets, documents, content)
