// The page for connecting an account: takes the link token, shows what may be connected, and sends what was filled in.

import { form } from "./form.js";
import { element, spoken } from "./element.js";

const KEY = "rollcall.link";
const BACK_AFTER_MS = 1500;
// The server's address with whatever prefix it has: the page lies directly below it.
const root = new URL(".", location.href);

const heading = document.getElementById("heading");
const status = document.getElementById("status");
const view = document.getElementById("view");

let token = null;
let link = null;

/** The token of the hash, which then leaves the address bar; after a reload or a way back from a provider, the one of this tab. */
function takeToken() {
  const given = location.hash.slice(1);
  if (given) {
    history.replaceState(null, "", location.pathname);
    remember(given);
    return given;
  }
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(text) {
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without it a reload asks for the link again, and nothing worse.
  }
}

/** A call with the link token; an answer that is an error is thrown. */
async function call(path, body) {
  const request = {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${token}`, accept: "application/json" },
    credentials: "omit",
    cache: "no-store",
  };
  if (body) {
    request.headers["content-type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let response, answer;
  try {
    response = await fetch(new URL(path, root), request);
    answer = await response.json();
  } catch {
    throw { message: "the server does not answer; check the connection and try again" };
  }
  if (!response.ok) throw { message: answer.message ?? "something went wrong", details: answer.details };
  return answer;
}

/** Shows something new. Whoever does not see the screen hears the heading. */
function show(title, ...nodes) {
  document.title = title;
  heading.textContent = title;
  status.textContent = "";
  view.replaceChildren(...nodes);
  window.scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

function failed(error) {
  const ended = error.details?.reason !== undefined;
  if (ended) remember(null);
  const nodes = [element("p", { class: "said", role: "alert" }, spoken(error.message))];
  if (!ended) nodes.push(element("p", {}, element("button", { type: "button", onclick: start }, "Try again")));
  show(ended ? "This link cannot be used" : "The page could not be loaded", ...nodes);
}

async function start() {
  token = takeToken();
  if (!token) {
    failed({ message: "open the link as it was sent to you, with everything after the #", details: { reason: "missing" } });
    return;
  }
  status.textContent = "Loading…";
  try {
    link = await call("link");
  } catch (error) {
    failed(error);
    return;
  }
  const wanted = history.state?.integration ?? (link.integrations.length === 1 ? link.integrations[0].name : null);
  if (wanted && link.integrations.some((product) => product.name === wanted)) await open(wanted);
  else list();
}

function list() {
  const products = link.integrations;
  const count = element("p", { role: "status", class: "count" });
  const rows = products.map((product) => ({
    words: [product.label, product.name, ...product.aliases, product.category.replaceAll("-", " ")].join(" ").toLowerCase(),
    row: element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "product", onclick: () => choose(product.name) },
        element("span", {}, product.label),
        element("span", { class: "category" }, product.category.replaceAll("-", " ")),
      ),
    ),
    product,
  }));
  const found = element("ul", { class: "products" });
  let shown = [];
  const search = element("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  const narrow = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = rows.filter((entry) => words.every((word) => entry.words.includes(word)));
    found.replaceChildren(...shown.map((entry) => entry.row));
    count.textContent =
      shown.length === 0 ? "No product has these words." : `${shown.length} ${shown.length === 1 ? "product" : "products"}`;
  };
  search.addEventListener("input", narrow);
  const only = (event) => {
    event.preventDefault();
    if (shown.length === 1) choose(shown[0].product.name);
  };
  narrow();
  show(
    "Connect an account",
    element("p", {}, "Choose the product to connect."),
    element("form", { role: "search", onsubmit: only }, element("label", { for: "search" }, "Search products"), search),
    count,
    found,
  );
}

async function choose(name) {
  history.pushState({ integration: name }, "");
  await open(name);
}

async function open(name) {
  status.textContent = "Loading…";
  let product;
  try {
    product = await call(`link/integration/${encodeURIComponent(name)}`);
  } catch (error) {
    failed(error);
    return;
  }
  const again = link.connects_anew;
  const nodes = [];
  if (link.integrations.length > 1) {
    nodes.push(element("p", {}, element("button", { type: "button", class: "quiet", onclick: back }, "← All products")));
  }
  nodes.push(form(product, again, (filled) => send(product, filled)));
  show(again ? `Connect ${product.label} again` : `Connect ${product.label}`, ...nodes);
}

/** Sends what was filled in; gives back what is wrong, to be shown at the form. */
async function send(product, filled) {
  let answer;
  try {
    answer = await call("link/integrated-account", { integration: product.name, ...filled });
  } catch (error) {
    // A provider's refusal is a 401 too: only one about the link itself has a reason.
    if (!error.details?.reason) return error;
    failed(error);
    return null;
  }
  if (answer.authorize_url) {
    location.assign(answer.authorize_url);
    return null;
  }
  done(product, answer);
  return null;
}

function done(product, answer) {
  remember(null);
  const nodes = [];
  if (answer.redirect_to) {
    const host = link.returns_to;
    nodes.push(element("p", { class: "good" }, `The account was tried and works. You are taken back to ${host}.`));
    nodes.push(element("p", {}, element("a", { class: "button", href: answer.redirect_to }, `Go to ${host}`)));
    setTimeout(() => location.assign(answer.redirect_to), BACK_AFTER_MS);
  } else {
    const tried = answer.validation.validated ? "The account was tried and works." : "The account is saved.";
    nodes.push(element("p", { class: "good" }, `${tried} You can close this page.`));
  }
  show(`${product.label} is connected`, ...nodes);
  history.replaceState(null, "");
}

function back() {
  if (history.state?.integration) history.back();
  else list();
}

addEventListener("popstate", () => {
  if (!link || location.hash) return;
  if (history.state?.integration) open(history.state.integration);
  else if (link.integrations.length > 1) list();
});
// Another link in the same tab.
addEventListener("hashchange", () => location.hash && start());
// Back from the provider's page without having signed in: the form must not still be busy.
addEventListener("pageshow", (event) => event.persisted && start());

start();
