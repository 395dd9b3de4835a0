// Change only the blocks that differ, so that selection, focus and scrolling stay calm in the rest.

/** Make the element children of `target` those of `html`, block by block. */
export function morph(target, html) {
  const next = document.createElement("template");
  next.innerHTML = html;
  const wanted = [...next.content.children];
  wanted.forEach((block, at) => {
    const present = target.children[at];
    if (!present) target.append(block);
    else if (present.outerHTML !== block.outerHTML) replace(present, block);
  });
  while (target.children.length > wanted.length) target.lastElementChild.remove();
}

// A list or table that grows keeps its earlier items: one level deeper is enough for an answer.
function replace(present, block) {
  const sameKind = present.tagName === block.tagName && ["UL", "OL", "TBODY", "TABLE"].includes(block.tagName);
  if (!sameKind) return present.replaceWith(block);
  const wanted = [...block.children];
  wanted.forEach((item, at) => {
    const old = present.children[at];
    if (!old) present.append(item);
    else if (old.outerHTML !== item.outerHTML) replace(old, item);
  });
  while (present.children.length > wanted.length) present.lastElementChild.remove();
  return present;
}
