// Single keys, wherever nothing is being typed: ? lists them, / goes to the field, n begins a conversation.
const dialog = document.getElementById("shortcuts");
const FIELDS = ["#content", "main input[type=search]", "main .search-bar input", "#history-search", ".list input[type=search]"];

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open], .menu:popover-open")) return;
  if (event.key === "?") dialog?.showModal();
  else if (event.key === "/") field()?.focus();
  else if (event.key.toLowerCase() === "n" && dialog) location.assign("/");
  else return;
  event.preventDefault();
});

const field = () => FIELDS.map((selector) => document.querySelector(selector)).find((found) => found?.offsetParent);
