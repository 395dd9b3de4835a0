// What a column hides: a name that is cut says itself whole, a row of tabs begins at the chosen one.
const cut = (element) => element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === "ellipsis";

document.addEventListener("pointerover", ({ target }) => {
  const element = [target, target.parentElement].find((one) => one && cut(one));
  if (element && !element.closest("[title]")) element.title = element.textContent.trim();
});

for (const tab of document.querySelectorAll(".tabs > :is([aria-current], [aria-selected='true'])")) {
  const [row, chosen] = [tab.parentElement.getBoundingClientRect(), tab.getBoundingClientRect()];
  tab.parentElement.scrollLeft += chosen.left - row.left - (row.width - chosen.width) / 2;
}
