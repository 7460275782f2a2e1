// The pages of documentation, as people meet them: on a desk and on a phone, by day and by night.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { WIDE, heading, look, visit } from "./visit.js";
import { World } from "./world.js";

const PHONE = { width: 400, height: 800 };
const PAGES = [
  ["home", "/docs"],
  ["users", "/docs/users"],
  ["integrations", "/docs/integrations"],
  ["okta", "/docs/integrations/okta"],
];

let world;
before(async () => {
  world = await World.start();
});
after(() => world?.end());

for (const [name, path] of PAGES) {
  for (const [screen, viewport] of [["desk", WIDE], ["phone", PHONE]]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`${path} on a ${screen}, ${colorScheme}`, async () => {
        await visit(world, { url: `${world.url}${path}` }, { viewport, colorScheme }, async (page) => {
          assert.equal(await heading(page).count(), 1);
          await look(page, `docs-${name}-${screen}-${colorScheme}`);
        });
      });
    }
  }
}

test("the keyboard reaches the content at once", async () => {
  await visit(world, { url: `${world.url}/docs/users` }, {}, async (page) => {
    await page.keyboard.press("Tab");
    const skip = page.locator(".skip");
    assert.ok((await skip.boundingBox()).x >= 0, "the link is seen when it has the focus");
    await page.keyboard.press("Enter");
    assert.equal(new URL(page.url()).hash, "#content");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null), "Tab goes on in the content");
  });
});
