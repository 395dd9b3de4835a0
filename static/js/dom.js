// Making elements: make("p", {className: "hint", textContent: "…"}, child, …).
export function make(name, values = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(values)) {
    if (key === "dataset") Object.assign(element.dataset, value);
    else if (key.startsWith("aria-") || key === "for") element.setAttribute(key, value);
    else element[key] = value;
  }
  if (name === "button" && !values.type) element.type = "button";
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
