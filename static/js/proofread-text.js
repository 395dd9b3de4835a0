// The text under the pen: places of findings in UTF-16 units, moved along with every edit, and drawn behind the text.
const PAD = "\u200b"; // keeps the last empty line of the mirror open

/** Code points → UTF-16 units for many offsets of one text. */
export function toUnits(text) {
  const units = [0];
  for (const char of text) units.push(units.at(-1) + char.length);
  return (offset) => units[Math.min(offset, units.length - 1)];
}

/** Where two texts differ: [start, end of the old part, end of the new part]. */
export function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < most - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return [start, before.length - tail, after.length - tail];
}

/** Findings after an edit: those behind it move, those in it are gone. */
export function shifted(findings, before, after) {
  const [start, oldEnd, newEnd] = difference(before, after);
  const by = newEnd - oldEnd;
  for (const finding of findings) {
    if (finding.gone || finding.end <= start) continue;
    if (finding.start >= oldEnd) {
      finding.start += by;
      finding.end += by;
    } else finding.gone = true;
  }
}

/** The mirror behind the text: the same words, open findings as marks. */
export function draw(mirror, text, findings, chosen) {
  const shown = findings.filter((one) => one.state === "open" && !one.gone && one.end > one.start).sort((a, b) => a.start - b.start);
  const parts = [];
  let at = 0;
  for (const finding of shown) {
    if (finding.start < at) continue; // of two in one place the first is drawn
    parts.push(text.slice(at, finding.start));
    const mark = document.createElement("mark");
    mark.dataset.severity = finding.severity;
    if (finding === chosen) mark.className = "chosen";
    mark.textContent = text.slice(finding.start, finding.end);
    parts.push(mark);
    at = finding.end;
  }
  parts.push(text.slice(at) + PAD);
  mirror.replaceChildren(...parts);
}

/** The finding at a place of the text, the shortest where several are. */
export function findingAt(findings, place) {
  const there = findings.filter((one) => one.state === "open" && !one.gone && one.start <= place && place <= one.end);
  return there.sort((a, b) => a.end - a.start - (b.end - b.start))[0] ?? null;
}
