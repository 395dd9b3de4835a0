// Native dialogs: [data-dialog-open="id"] opens, [data-dialog-close] closes, a click on the veil too.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (dialog && !dialog.open) dialog.showModal();
    return;
  }
  if (event.target.closest("[data-dialog-close]")) {
    event.preventDefault();
    event.target.closest("dialog")?.close();
    return;
  }
  if (event.target instanceof HTMLDialogElement && event.target.open && outside(event)) event.target.close();
});

function outside({ target, clientX, clientY }) {
  if (!clientX && !clientY) return false; // a key press on a button inside counts as a click at 0,0
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
