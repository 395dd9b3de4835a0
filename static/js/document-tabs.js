// Tabs on the right (arrow keys walk them, the address keeps the choice), and on a phone the switch
// between the original and the rest.
const tabs = [...document.querySelectorAll('.doc-tabs [role="tab"]')];

export function select(tab, { focus = false } = {}) {
  for (const other of tabs) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
  }
  if (focus) tab.focus();
  const address = new URL(location.href);
  address.searchParams.set("tab", tab.id.replace("tab-", ""));
  history.replaceState(history.state, "", address);
}

tabs.forEach((tab, at) => {
  tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) select(tabs[(at + step + tabs.length) % tabs.length], { focus: true });
  });
});

/** On a narrow page only one pane is shown. */
export function showPane(name) {
  document.getElementById("document").dataset.pane = name;
  document.querySelectorAll("[data-show-pane]").forEach((button) => {
    if (button.dataset.showPane === name) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-pane]");
  if (button) showPane(button.dataset.showPane);
});
