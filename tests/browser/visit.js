// One visit of the page: a browser of its own, which notices what must not happen, and is looked at by eye and by rule.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 360, height: 740 };

/** Opens a link in a browser without a memory, does what is to be done, and looks back. */
export async function visit(world, link, { viewport = WIDE, colorScheme = "light" }, work) {
  const context = await world.browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request));
  page.setDefaultTimeout(60_000);
  try {
    await page.goto(link.url);
    await work(page);
    // Errors that the API answers are told by the browser as well: those are meant.
    const unmeant = complaints.filter((text) => !/Failed to load resource: the server responded with a status of 4/.test(text));
    assert.deepEqual(unmeant, [], "the browser complains");
    for (const request of requests) {
      assert.ok(!request.url().split("#")[0].includes("rcl_"), `the link token is in ${request.url()}`);
      assert.ok(!(request.headers().referer ?? "").includes("rcl_"), "the link token is in a Referer");
      if (request.url().startsWith(world.url)) assert.equal(request.headers().cookie, undefined);
      assert.ok(/^http:\/\/127\.0\.0\.1:/.test(request.url()), `something is loaded from elsewhere: ${request.url()}`);
    }
    assert.deepEqual(await context.cookies(), [], "no cookie is set");
  } finally {
    await context.close();
  }
}

/** A picture for people, and what rules can tell: names of controls, contrast, order of headings, nothing cut off. */
export async function look(page, name) {
  await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: true });
  const { scrolled, width } = await page.evaluate(() => ({ scrolled: document.documentElement.scrollWidth, width: innerWidth }));
  assert.ok(scrolled <= width, `${name}: ${scrolled} pixels on a screen of ${width}`);
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const found = result.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, [], name);
}

/** Presses Tab until a control has the focus; a control that cannot be reached fails. */
export async function tabTo(page, name) {
  const passed = [];
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const at = document.activeElement;
      const label = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
      return { name: label.trim(), outline: getComputedStyle(at).outlineStyle };
    });
    passed.push(focused.name);
    if (focused.name === name) {
      assert.notEqual(focused.outline, "none", `nobody sees that \`${name}\` has the focus`);
      return;
    }
  }
  assert.fail(`\`${name}\` is not reached by Tab, only ${passed.join(", ")}`);
}

export const heading = (page) => page.locator("h1");

/** Waits until the page has this heading, and has loaded what belongs to it. */
export async function says(page, words) {
  await heading(page).filter({ hasText: words }).waitFor();
  await page.locator("#status").filter({ hasText: "Loading" }).waitFor({ state: "detached" });
}
