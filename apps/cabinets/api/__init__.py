from apps.cabinets.api.cabinets import router as cabinets
from apps.cabinets.api.content import router as content
from apps.cabinets.api.documents import router as documents
from apps.cabinets.api.examination import router as examination
from apps.cabinets.api.grants import router as grants
from apps.cabinets.api.imports import router as imports
from apps.cabinets.api.queue import router as queue
from apps.cabinets.api.requests import router as requests
from apps.cabinets.api.rights import router as rights

routers = (cabinets, grants, documents, content, rights, requests, imports, queue, examination)
