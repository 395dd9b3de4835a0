// The two dialogs that ask something: a name, and a folder to move to.
import { clear, complain } from "./call-form.js";
import { say } from "./strings.js";

const nameForm = document.querySelector("#name-dialog form");
const moveForm = document.querySelector("#move-dialog form");

/** Ask for a name; `save(name)` may throw an ApiError, which is shown at the field. */
export function nameDialog({ heading, confirm, value }, save) {
  const dialog = document.getElementById("name-dialog");
  document.getElementById("name-heading").textContent = heading;
  document.getElementById("name-confirm").textContent = confirm;
  const input = document.getElementById("name-input");
  input.value = value;
  open(dialog, nameForm, async () => {
    if (!input.value.trim()) throw Object.assign(new Error(say("required")), { problem: { errors: [{ field: "name", message: say("required") }] } });
    await save(input.value.trim());
  });
  input.select();
}

/** Ask for a folder of this cabinet in which the person may put documents. */
export function chooseFolder(heading, save) {
  document.getElementById("move-heading").textContent = heading;
  const target = document.getElementById("move-target");
  target.replaceChildren(document.getElementById("move-targets").content.cloneNode(true));
  open(document.getElementById("move-dialog"), moveForm, () => save(target.value));
}

function open(dialog, form, work) {
  clear(form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    clear(form);
    const button = form.querySelector(".primary");
    button.disabled = true;
    try {
      await work();
      dialog.close();
    } catch (error) {
      error.problem ??= null;
      complain(form, renamed(error));
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
}

/** A document's name is its title in the REST interface; the form calls both a name. */
function renamed(error) {
  for (const entry of error.problem?.errors ?? []) if (entry.field === "title") entry.field = "name";
  return error;
}
