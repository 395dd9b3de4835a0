// Files come in by dropping them anywhere on the page or by choosing them.
import { dropped, picked } from "./upload-files.js";
import { isArchive, unpack } from "./upload-archive.js";
import { UploadQueue } from "./upload-queue.js";
import { UploadTray } from "./upload-tray.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const tray = document.getElementById("upload-tray");
const veil = document.getElementById("drop-veil");
const most = Number(tray.dataset.maxFiles);
const queue = new UploadQueue({ extensions: tray.dataset.extensions.split(" "), maxBytes: Number(tray.dataset.maxMb) * 2 ** 20 });
new UploadTray(tray, queue);

const target = () => document.getElementById("cabinet-view")?.dataset ?? {};

function take({ files, left }) {
  const { folder, folderName } = target();
  const archives = files.filter(({ file }) => isArchive(file));
  if (folder && archives.length) {
    unpack(archives, { folder, folderName, most: Number(tray.dataset.maxArchiveMb) * 2 ** 20 });
    files = files.filter(({ file }) => !isArchive(file));
    if (!files.length) return undefined;
  }
  if (!folder) return toast(say("forbidden"), { kind: "error" });
  if (left) toast(say("too_many_files", { most, left }), { kind: "error" });
  if (!files.length) return toast(say("nothing_to_upload"), { kind: "error" });
  tray.classList.remove("folded");
  queue.add(files, folder);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick]");
  if (button) document.getElementById(`pick-${button.dataset.pick}`).click();
});
for (const input of document.querySelectorAll("#pick-files, #pick-folder")) {
  input.addEventListener("change", () => {
    take(picked(input, most));
    input.value = ""; // the same file may be chosen again
  });
}

// dragenter and dragleave fire for every element on the way: count them.
let depth = 0;
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const show = (on) => {
  depth = on ? depth : 0;
  veil.hidden = !on;
};

addEventListener("dragenter", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth += 1;
  const { folder, folderName } = target();
  veil.querySelector(".veil-words").textContent = folder ? say("drop_here", { folder: folderName }) : say("drop_forbidden");
  show(true);
});
addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = target().folder ? "copy" : "none";
});
addEventListener("dragleave", (event) => {
  if (!carriesFiles(event)) return;
  depth -= 1;
  if (depth <= 0) show(false);
});
addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  show(false);
  if (target().folder) take(await dropped(event.dataTransfer, most));
});

addEventListener("beforeunload", (event) => {
  if (queue.running) event.preventDefault();
});
