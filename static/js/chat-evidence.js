// Quiet underlines on sentences that their sources support only in part, or not.
import { say } from "./strings.js";

const SKIPPED = /[\s*_`#|>~-]/;

/** Mark the sentences of a finished answer by its checks: [{sentence, verdict}]. */
export function markEvidence(answer) {
  const block = answer.querySelector(":scope > script[type='application/json']");
  const prose = answer.querySelector("[data-answer]");
  if (!block || !prose) return;
  for (const { sentence, verdict } of JSON.parse(block.textContent).checks ?? []) {
    if (verdict === "partial" || verdict === "unsupported") mark(prose, plain(sentence), verdict);
  }
}

const plain = (text) => [...text.replace(/\[\d{1,3}\]/g, "")].filter((letter) => !SKIPPED.test(letter)).join("");

function mark(prose, wanted, verdict) {
  if (!wanted) return;
  const { text, places } = letters(prose);
  const start = text.indexOf(wanted);
  if (start < 0) return;
  const first = places[start];
  const last = places[start + wanted.length - 1];
  pieces(prose, first, last).forEach(([node, from, to]) => wrap(node, from, to, verdict));
}

/** The letters that count, each with its text node and offset; citation numbers are not of the sentence. */
function letters(prose) {
  const places = [];
  let text = "";
  for (const node of texts(prose)) {
    for (let offset = 0; offset < node.data.length; offset += 1) {
      if (SKIPPED.test(node.data[offset])) continue;
      text += node.data[offset];
      places.push({ node, offset });
    }
  }
  return { text, places };
}

function texts(prose) {
  const walker = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(".cite") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

function pieces(prose, first, last) {
  const nodes = texts(prose);
  return nodes.slice(nodes.indexOf(first.node), nodes.indexOf(last.node) + 1)
    .filter((node) => node.data.trim())
    .map((node) => [node, node === first.node ? first.offset : 0, node === last.node ? last.offset + 1 : node.data.length]);
}

function wrap(node, from, to, verdict) {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  const span = document.createElement("span");
  span.className = "evidence";
  span.dataset.verdict = verdict;
  span.title = say(verdict);
  range.surroundContents(span);
}
