// The model of the next question: which, how it thinks, beside which others, and how much it is given to read.
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const form = document.getElementById("composer");
const menu = document.getElementById("model-menu");
const field = document.getElementById("content");
const tokens = document.getElementById("composer-tokens");
const MOST_ALSO = 2;
const LARGE = 0.5; // of the context: from here on the size is shown
const all = (name) => [...(menu?.querySelectorAll(`input[name=${name}]`) ?? [])];
const checked = (name) => all(name).filter((box) => box.checked).map((box) => box.value);

export const model = {
  get name() {
    return checked("model")[0] ?? "";
  },
  /** The models beside the chosen one. */
  get also() {
    return checked("also").filter((name) => name !== this.name);
  },
  /** What is sent of the parameters: how to think, where this model has a switch. */
  get parameters() {
    const [thinking = "auto"] = checked("thinking");
    return thinking !== "auto" && all("model").some((box) => box.checked && box.matches("[data-switch]")) ? { reasoning: thinking } : {};
  },
  get rewrites() {
    return all("rewrites")[0]?.checked ?? true;
  },
};

menu?.addEventListener("change", async ({ target }) => {
  if (target.name === "also" && model.also.length > MOST_ALSO) {
    target.checked = false;
    toast(say("compare_most"));
  }
  if (target.name === "rewrites" && form.dataset.conversation) {
    const address = `${form.dataset.api}/${form.dataset.conversation}`;
    try {
      await call(address, { method: "PATCH", json: { rewrites: target.checked } });
    } catch (error) {
      target.checked = !target.checked;
      toast(error.message, { kind: "error" });
    }
  }
  label();
  if (target.name === "model") menu.hidePopover();
});

function label() {
  if (!menu) return;
  const text = document.getElementById("model-label");
  text.textContent = [model.name, ...model.also].join(" · ");
  const thinking = menu.querySelector("[data-thinking]");
  if (thinking) thinking.hidden = !all("model").some((box) => box.checked && box.matches("[data-switch]"));
}

/** As the server estimates it: a token for each character beyond ASCII, and for 3.5 of ASCII. */
export function estimate(text) {
  const wide = [...text].filter((letter) => letter > "\u007f").length;
  return wide + (text.length - wide) / 3.5;
}

/** Say about how much the next question makes the model read, where that is much. */
export function count() {
  const most = Number(form.dataset.context);
  if (!most) return;
  const said = [...document.querySelectorAll("#turns :is(.question, [data-answer])")].map((element) => element.textContent);
  const earlier = Math.min(estimate(said.join("\n")), most / 4); // of older ones a summary is kept
  const wanted = estimate(field.value) + earlier;
  tokens.hidden = wanted < most * LARGE && estimate(field.value) < most / 4;
  tokens.textContent = say("tokens_of", { count: Math.round(wanted).toLocaleString(), most: most.toLocaleString() });
}

field.addEventListener("input", count);
label();
