// The printed form of a conversation: one button, since a page does not print by itself.
document.getElementById("print").addEventListener("click", () => globalThis.print());
