// Making elements. Texts stay texts: nothing here reads HTML.

/** An element with attributes, listeners (`on…`) and children; what is null or false is left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Messages of the server begin in lower case and end without a stop. */
export function sentence(text) {
  const trimmed = text.trim();
  const ended = /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** A message with its literals, which stand in backticks, as code. Nothing else in it means anything: parts may be a provider's words. */
export function spoken(text) {
  const parts = sentence(text).split("`");
  if (parts.length % 2 === 0) return parts.join("`");
  return element("span", {}, ...parts.map((part, at) => (at % 2 ? element("code", {}, part) : part)));
}
