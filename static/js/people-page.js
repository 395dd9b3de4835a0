// People: one menu for all rows; change, new password, deactivate and back (which needs no question).
import { call } from "./api.js";
import { clear } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { place } from "./menu.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const menu = document.getElementById("person-menu");
const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"; // without look-alikes
const LENGTH = 16;
let subject = null;

const nameOf = (person) => person.display || person.username;
const url = () => `/api/v1/users/${subject.person}`;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-person]");
  if (!opener) return;
  subject = { ...opener.dataset };
  const active = subject.active !== undefined;
  menu.querySelector('[data-act="deactivate"]').hidden = !active || subject.me !== undefined;
  menu.querySelector('[data-act="activate"]').hidden = active;
  const viewing = document.getElementById("view-as");
  viewing.hidden = !active || subject.administrator !== undefined;
  viewing.action = `/people/${subject.person}/view/`;
  menu.showPopover();
  place(menu, opener);
  menu.querySelector(".menu-item").focus({ preventScroll: true });
});

menu.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act) ({ edit, password, deactivate, activate: () => setActive(true) })[act]();
});

function open(id, heading) {
  const dialog = document.getElementById(id);
  const form = dialog.querySelector("form");
  form.reset();
  clear(form);
  form.dataset.call = `PATCH ${url()}`;
  dialog.querySelector("h2").textContent = say(heading, { name: nameOf(subject) });
  dialog.showModal();
  return form;
}

function edit() {
  const form = open("edit-person", "edit_heading");
  form.elements.display_name.value = subject.display;
  form.elements.departments.value = subject.departments;
  form.elements.teams.value = subject.teams;
  form.elements.clearance.value = subject.clearance;
  form.elements.is_administrator.checked = subject.administrator !== undefined;
}

const password = () => open("password-person", "password_heading");

document.querySelector("#password-person form").addEventListener("called", () => {
  document.getElementById("password-person").close();
  toast(say("password_set", { name: nameOf(subject) }));
});

async function deactivate() {
  const heading = say("deactivate_heading", { name: nameOf(subject) });
  if (await ask({ heading, text: say("deactivate_text"), confirm: say("deactivate") })) await setActive(false);
}

async function setActive(active) {
  try {
    await call(url(), { method: "PATCH", json: { is_active: active } });
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-generate]");
  if (!button) return;
  const input = document.querySelector(button.dataset.generate);
  input.value = generated();
  input.select();
});

/** Random characters without bias: bytes past the last whole multiple are thrown away. */
function generated() {
  const most = 256 - (256 % ALPHABET.length);
  let text = "";
  while (text.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH * 2))) {
      if (byte < most && text.length < LENGTH) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}
