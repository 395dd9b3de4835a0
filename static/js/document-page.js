// The document page: its parts, each a module of its own.
import "./document-actions.js";
import "./document-editing.js";
import "./document-metadata.js";
import "./document-passages.js";
import "./document-status.js";
import "./document-tabs.js";
import "./document-viewer.js";
