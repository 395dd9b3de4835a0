// What was dropped or chosen, as a flat list of files with the folder each lies in.
const SYSTEM = /^(\.|~\$|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;
const DEEPEST = 12;

/** Files of a drop. Entries must be taken before the first await: the list is emptied after the event. */
export async function dropped(transfer, most) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return within([...transfer.files].map((file) => ({ file, path: "" })), most);
  const found = [];
  for (const entry of entries) await walk(entry, "", 0, found, most);
  return within(found, most);
}

/** Files of an <input type="file">, with the folders of webkitdirectory. */
export function picked(input, most) {
  const files = [...input.files].map((file) => ({ file, path: folderOf(file.webkitRelativePath ?? "") }));
  return within(files.filter(({ file, path }) => ![...path.split("/"), file.name].some((part) => SYSTEM.test(part))), most);
}

const folderOf = (path) => path.split("/").slice(0, -1).join("/");

/** {files, left}: no more than the server takes, and how many were left out. */
function within(files, most) {
  return { files: files.slice(0, most), left: Math.max(0, files.length - most) };
}

async function walk(entry, path, depth, found, most) {
  if (SYSTEM.test(entry.name) || found.length > most || depth > DEEPEST) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject)).catch(() => null);
    if (file) found.push({ file, path });
    return;
  }
  const reader = entry.createReader();
  const below = path ? `${path}/${entry.name}` : entry.name;
  for (let batch = await read(reader); batch.length; batch = await read(reader)) {
    for (const child of batch) await walk(child, below, depth + 1, found, most);
  }
}

/** A directory reader gives at most a hundred entries a call; an unreadable one counts as empty. */
const read = (reader) => new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
