// One field of a form: what the connector says about it, as a label, a control, its help and its error.

import { element } from "./element.js";
import { inline } from "./guide.js";

/** A field with its control. `value` is undefined where nothing was changed. */
export function field(input, group) {
  const id = `${group}-${input.name}`;
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const error = element("p", { id: errorId, class: "error", hidden: true });
  const described = [hasHelp(input) && helpId, errorId].filter(Boolean).join(" ");
  const common = { id, name: input.name, "aria-describedby": described, "aria-required": input.required && "true" };
  const control = controlOf(input, common);
  const label = element("label", { for: id }, input.label, optional(input) && element("span", { class: "hint" }, " (optional)"));
  const help = hasHelp(input) && element("p", { id: helpId, class: "hint" }, ...helpOf(input));
  const node =
    input.kind === "boolean"
      ? element("div", { class: "field check" }, control, element("div", {}, label, help, error))
      : element("div", { class: "field" }, label, help, input.secret ? hidden(control, input) : control, error);

  return {
    name: input.name,
    label: input.label,
    node,
    required: input.required,
    focus: () => control.focus(),
    value() {
      if (input.kind === "boolean") return control.checked === isOn(input.default) ? undefined : String(control.checked);
      const text = control.value.trim();
      return text === "" || text === String(input.default ?? "") ? undefined : text;
    },
    isEmpty: () => input.kind !== "boolean" && control.value.trim() === "",
    complain(message) {
      error.textContent = message ?? "";
      error.hidden = !message;
      if (message) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
  };
}

const isOn = (value) => value === true || value === "true";
const optional = (input) => !input.required && input.default === null && input.kind !== "boolean";
const hasHelp = (input) => Boolean(input.help || input.example);

function helpOf(input) {
  const nodes = input.help ? inline(input.help) : [];
  if (input.example) nodes.push(input.help ? " For example " : "For example ", element("code", {}, input.example));
  return nodes;
}

function controlOf(input, common) {
  if (input.kind === "boolean") return element("input", { ...common, type: "checkbox", checked: isOn(input.default) });
  if (input.kind === "choice") {
    const choices = input.choices.map((choice) =>
      element("option", { value: choice, selected: choice === input.default }, choice),
    );
    if (input.default === null) choices.unshift(element("option", { value: "" }, "Choose…"));
    return element("select", common, ...choices);
  }
  const control = element("input", {
    ...common,
    type: input.secret ? "password" : input.kind === "url" ? "url" : "text",
    inputmode: input.kind === "integer" && "numeric",
    value: input.default,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    // Managers of passwords would fill in somebody's own sign-in here.
    "data-1p-ignore": true,
    "data-lpignore": "true",
  });
  control.addEventListener("paste", keepLines);
  return control;
}

/** A key in PEM has lines, which a one-line control would run together: they stay, written as `\n`. */
function keepLines(event) {
  const text = event.clipboardData?.getData("text") ?? "";
  if (!text.includes("-----BEGIN") || !/\n/.test(text.trim())) return;
  event.preventDefault();
  event.target.value = text.trim().replace(/\r?\n/g, "\\n");
  event.target.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A secret that can be looked at. */
function hidden(control, input) {
  const toggle = element("button", { type: "button", class: "quiet", "aria-pressed": "false", "aria-label": `Show ${input.label}` }, "Show");
  toggle.addEventListener("click", () => {
    const shows = control.type === "password";
    control.type = shows ? "text" : "password";
    toggle.setAttribute("aria-pressed", String(shows));
    toggle.textContent = shows ? "Hide" : "Show";
  });
  return element("div", { class: "secret" }, control, toggle);
}
