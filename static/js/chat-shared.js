// A shared conversation: citations open as in one's own; the evidence is marked.
import "./chat-citations.js";
import { markEvidence } from "./chat-evidence.js";

document.querySelectorAll(".answer[data-message]").forEach(markEvidence);
