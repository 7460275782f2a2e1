// The form of a product: its settings, the ways to sign in, the fields of the chosen one, and the operator's guide beside it.

import { element, sentence, spoken } from "./element.js";
import { field } from "./fields.js";
import { guide, outward } from "./guide.js";

/** The form. `again` is the account that is connected anew, if one is; `send` gives back what is wrong. */
export function form(product, again, send) {
  const kinds = product.credentials;
  const settings = product.settings.filter((input) => !again || input.secret).map((input) => ({ input, ...field(input, "setting") }));
  const ways = kinds.map((kind) => ({ kind, fields: kind.fields.map((input) => ({ input, ...field(input, `credential-${kind.name}`) })) }));
  let chosen = ways.find((way) => way.kind.name === again?.auth) ?? ways[0];

  const fields = element("div", {});
  const way = element("a", { href: "#guide", onclick: reveal });
  const submit = element("button", { type: "submit" });
  const busy = element("p", { role: "status", class: "count" });
  const wrong = element("div", { role: "alert" });
  const beside = element("aside", { id: "guide", "aria-labelledby": "guide-heading" });

  /** Settings that come with the environment's own app are not asked for. */
  const asked = () => settings.filter((entry) => !(entry.name in (chosen.kind.sign_in?.settings ?? {})));
  const present = () => [...asked(), ...chosen.fields];

  const draw = () => {
    const isMore = (entry) => !entry.required;
    const more = asked().filter(isMore);
    fields.replaceChildren(
      ...(again ? [kept(product, again)] : []),
      ...asked().filter((entry) => !isMore(entry)).map((entry) => entry.node),
      ...(chosen.kind.sign_in ? [signingIn(product, chosen.kind)] : []),
      ...chosen.fields.map((entry) => entry.node),
      ...(more.length ? [element("details", {}, element("summary", {}, "More settings"), ...more.map((entry) => entry.node))] : []),
    );
    way.textContent = titleOf(chosen.kind);
    submit.textContent = chosen.kind.sign_in ? `Continue to ${product.label}` : again ? "Connect again" : "Connect";
    beside.replaceChildren(...guideOf(product, chosen.kind));
  };

  let sending = false;
  const onsubmit = async (event) => {
    event.preventDefault();
    if (sending) return;
    wrong.replaceChildren();
    present().forEach((entry) => entry.complain(null));
    const empty = present().filter((entry) => entry.required && entry.isEmpty());
    empty.forEach((entry) => entry.complain(`${entry.label} is missing.`));
    if (empty.length) {
      empty[0].focus();
      return;
    }
    sending = true;
    submit.setAttribute("aria-disabled", "true");
    busy.textContent = chosen.kind.sign_in ? `Going to ${product.label}…` : `Trying the account at ${product.label}…`;
    const error = await send({ auth: chosen.kind.name, settings: valuesOf(asked()), credential: valuesOf(chosen.fields) });
    sending = false;
    submit.removeAttribute("aria-disabled");
    if (!error) return;
    busy.textContent = "";
    complain(error, present(), wrong);
  };

  const made = element(
    "form",
    { novalidate: true, autocomplete: "off", onsubmit },
    element("p", { class: "narrow-only" }, way),
    ways.length > 1 && choice(ways, chosen, (way) => {
      chosen = way;
      wrong.replaceChildren();
      draw();
    }),
    fields,
    wrong,
    element("p", {}, submit),
    busy,
  );
  draw();
  return element("div", { class: "columns" }, made, beside);
}

/** The address bar stays as it is: its hash is where link tokens come from. */
function reveal(event) {
  event.preventDefault();
  const heading = document.getElementById("guide-heading");
  heading.focus();
  heading.scrollIntoView();
}

function valuesOf(fields) {
  return Object.fromEntries(fields.map((entry) => [entry.name, entry.value()]).filter(([, value]) => value !== undefined));
}

function choice(ways, chosen, choose) {
  const options = ways.map((way, index) => {
    const id = `way-${index}`;
    const radio = element("input", { type: "radio", name: "way", id, checked: way === chosen, onchange: () => choose(way) });
    return element("div", { class: "field check" }, radio, element("label", { for: id }, way.kind.label));
  });
  return element("fieldset", {}, element("legend", {}, "How to sign in"), ...options);
}

/** The settings of an account that is connected anew: whose it is does not change. */
function kept(product, again) {
  const labelOf = (name) => product.settings.find((input) => input.name === name)?.label ?? name;
  const rows = Object.entries(again.settings).flatMap(([name, value]) => [element("dt", {}, labelOf(name)), element("dd", {}, value)]);
  const name = again.label ? `The account “${again.label}” gets a new credential.` : "The account gets a new credential.";
  return element("div", { class: "note" }, element("p", {}, name), rows.length > 0 && element("dl", {}, ...rows));
}

function signingIn(product, kind) {
  if (kind.sign_in.ready) return element("p", { class: "note" }, `You sign in at ${product.label} and are then brought back here.`);
  return element(
    "div",
    { class: "note" },
    element("p", {}, `Register an OAuth app at ${product.label} with this redirect address, and fill in its client id and secret:`),
    element("p", {}, element("code", { class: "address" }, kind.sign_in.redirect_uri)),
  );
}

/** Whoever only has to sign in needs no guide to a key. */
const titleOf = (kind) => (kind.sign_in?.ready ? "What is asked for" : "How to get the credential");

function guideOf(product, kind) {
  const nodes = [element("h2", { id: "guide-heading", tabindex: "-1" }, titleOf(kind))];
  if (product.guide.steps && !kind.sign_in?.ready) nodes.push(...guide(product.guide.steps));
  if (kind.permissions.length) {
    if (!kind.sign_in?.ready) nodes.push(element("h3", {}, "It needs"));
    nodes.push(element("ul", {}, ...kind.permissions.map((permission) => element("li", {}, permission))));
  }
  if (product.guide.permissions) {
    nodes.push(element("details", {}, element("summary", {}, "Least permissions"), ...guide(product.guide.permissions)));
  }
  const docs = kind.docs ?? product.docs;
  if (docs) nodes.push(element("p", {}, outward(docs, `${product.label}’s documentation`)));
  return nodes;
}

/** Says what is wrong: at the fields that it is about, else above the button. */
function complain(error, present, wrong) {
  const rest = [];
  let first = null;
  for (const problem of error.details?.problems ?? []) {
    const entry = present.find((known) => known.name === problem.name);
    const words = entry ? problem.message.replace(`\`${problem.name}\` (${entry.label})`, entry.label).replace(`\`${problem.name}\``, entry.label) : problem.message;
    if (!entry) rest.push(words);
    else {
      entry.complain(sentence(words));
      first ??= entry;
    }
  }
  if (!first && rest.length === 0) rest.push(error.message);
  wrong.append(...rest.map((words) => element("p", { class: "said" }, spoken(words))));
  first?.node.closest("details")?.setAttribute("open", "");
  if (first) first.focus();
}
