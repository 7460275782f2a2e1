// The operator's guide: the small part of Markdown that the guides use, as elements.

import { element } from "./element.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https:\/\/[^)\s]+)\)|(https:\/\/[^\s<>`*|]*[^\s<>`*|.,;:)])/g;

/** The blocks of a guide. */
export function guide(text) {
  const blocks = [];
  const lines = text.split("\n");
  let at = 0;
  const take = (fits) => {
    const taken = [];
    while (at < lines.length && fits(lines[at], taken.length)) taken.push(lines[at++]);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) at += 1;
    else if (line.startsWith("|")) blocks.push(table(take((next) => next.startsWith("|"))));
    else if (line.startsWith("    ")) blocks.push(code(take((next) => next.startsWith("    "))));
    else if (isItem(line)) blocks.push(list(take((next) => isItem(next) || /^\s+\S/.test(next))));
    else blocks.push(element("p", {}, ...inline(take((next, count) => next.trim() && !(count && starts(next))).join(" "))));
  }
  return blocks;
}

const isItem = (line) => /^(\d+\.|[-*]) /.test(line);
const starts = (line) => line.startsWith("|") || isItem(line);

function list(lines) {
  const ordered = /^\d/.test(lines[0]);
  const items = [];
  for (const line of lines) {
    if (isItem(line)) items.push(line.replace(/^(\d+\.|[-*]) /, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  const first = ordered ? Number.parseInt(lines[0], 10) : 1;
  const attributes = ordered && first !== 1 ? { start: first } : {};
  return element(ordered ? "ol" : "ul", attributes, ...items.map((item) => element("li", {}, ...inline(item))));
}

function table(lines) {
  const rows = lines
    .filter((line) => !/^[|\s:-]+$/.test(line))
    .map((line) => line.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")));
  const [head = [], ...rest] = rows;
  const made = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head.map((cell) => element("th", { scope: "col" }, ...inline(cell))))),
    element("tbody", {}, ...rest.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, ...inline(cell)))))),
  );
  // Wide tables scroll by themselves, also by keyboard.
  return element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table" }, made);
}

function code(lines) {
  return element("pre", { tabindex: "0" }, element("code", {}, lines.map((line) => line.slice(4)).join("\n")));
}

/** Texts, code, emphasis and links of a line. */
export function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index));
    const [whole, verbatim, strong, emphasis, label, address, bare] = match;
    if (verbatim !== undefined) nodes.push(element("code", {}, verbatim));
    else if (strong !== undefined) nodes.push(element("strong", {}, ...inline(strong)));
    else if (emphasis !== undefined) nodes.push(element("em", {}, ...inline(emphasis)));
    else nodes.push(outward(address ?? bare, label ?? bare));
    from = match.index + whole.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

/** A link out of the page, in a tab of its own so that what was filled in stays. */
export function outward(address, label) {
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}
