// Searching without leaving the page: the address names the question and the cabinets, back works.
import { fragment } from "./api.js";
import { toast } from "./toast.js";

const form = document.getElementById("search-form");
const found = document.getElementById("found");
let running = null;

const address = () => {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  return location.pathname + (asked.size ? `?${asked}` : "");
};

async function show(url, { push }) {
  running?.abort();
  const mine = (running = new AbortController());
  found.setAttribute("aria-busy", "true");
  try {
    const html = await fragment(url, { signal: mine.signal });
    found.innerHTML = html;
    if (push) history.pushState(null, "", url);
  } catch (error) {
    if (!mine.signal.aborted) toast(error.message, { kind: "error" });
  } finally {
    if (running === mine) found.removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(address(), { push: true });
});
document.addEventListener("change", (event) => {
  if (event.target.matches('.facet input')) show(address(), { push: true });
});
addEventListener("popstate", () => location.reload());
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  document.getElementById("search-q").select();
});
