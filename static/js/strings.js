// Sentences that the server translated for scripts: <script type="application/json" id="strings">.
const read = (id) => {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : {};
};

const strings = { ...read("strings"), ...read("page-strings") };

/** The sentence for a key, with {name} replaced by the given values. */
export function say(key, values = {}) {
  const text = strings[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
