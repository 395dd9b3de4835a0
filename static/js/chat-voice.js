// By the browser's own speech: dictate into the composer, have an answer read aloud. Hidden where it cannot.
import { say } from "./strings.js";
import { toast } from "./toast.js";

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
const voice = globalThis.speechSynthesis;
const button = document.getElementById("dictate");
const field = document.getElementById("content");
const language = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en-US";
const PIECE = 180; // browsers stop in long pieces
let heard = null;
let speaking = null; // the button of the answer that is read

// --- dictation
if (Recognition) {
  button.hidden = false;
  button.addEventListener("click", () => (heard ? heard.stop() : listen()));
}

function listen() {
  heard = new Recognition();
  Object.assign(heard, { lang: language, continuous: true, interimResults: true });
  const start = field.value ? `${field.value.trimEnd()} ` : "";
  heard.addEventListener("result", ({ results }) => {
    field.value = start + [...results].map((result) => result[0].transcript).join("");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  heard.addEventListener("error", ({ error }) => {
    if (error !== "aborted" && error !== "no-speech") toast(say(error === "not-allowed" ? "no_microphone" : "no_dictation"), { kind: "error" });
  });
  heard.addEventListener("end", () => {
    heard = null;
    button.setAttribute("aria-pressed", "false");
    field.focus();
  });
  button.setAttribute("aria-pressed", "true");
  heard.start();
}

// --- reading aloud
if (voice) document.documentElement.dataset.voice = "";

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-action=speak]");
  if (!pressed || !voice) return;
  const again = pressed === speaking;
  silence();
  if (!again) read(pressed);
});
addEventListener("pagehide", () => voice?.cancel());

function silence() {
  voice.cancel();
  speaking?.setAttribute("aria-pressed", "false");
  speaking = null;
}

function read(pressed) {
  const text = pressed.closest(".answer").querySelector("[data-answer]").cloneNode(true);
  text.querySelectorAll(".cite").forEach((mark) => mark.remove());
  const words = text.textContent.trim();
  const lang = /[\u3400-\u9fff]/.test(words) ? "zh-CN" : "en-US";
  const pieces = words.match(new RegExp(`[^。！？.!?\\n]{1,${PIECE}}[。！？.!?\\n]*`, "g")) ?? [];
  speaking = pressed;
  pressed.setAttribute("aria-pressed", "true");
  pieces.forEach((piece, index) => {
    const utterance = Object.assign(new SpeechSynthesisUtterance(piece), { lang });
    if (index === pieces.length - 1) utterance.addEventListener("end", () => speaking === pressed && silence());
    voice.speak(utterance);
  });
}
