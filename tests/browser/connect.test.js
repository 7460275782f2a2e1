// The page for connecting an account, as people meet it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CLIENT } from "./provider.js";
import { NARROW, WIDE, heading, look, says, tabTo, visit } from "./visit.js";
import { World } from "./world.js";

let world;
before(async () => {
  world = await World.start();
});
after(() => world?.end());

test("a product is found, a wrong key is refused in words, the right one connects", async () => {
  const link = await world.link({ label: "Campus", tenant_id: "customer-1", redirect_uri: `${world.application}/done?from=us` });
  await visit(world, link, {}, async (page) => {
    await says(page, "Connect an account");
    assert.equal(new URL(page.url()).hash, "", "the token leaves the address bar");
    assert.equal(await page.evaluate(() => document.activeElement.id), "heading");
    await look(page, "01-list-wide");
    await page.getByLabel("Search products").fill("no such product");
    await page.getByText("No product has these words.").waitFor();
    await page.getByLabel("Search products").fill("redm");
    await page.getByText("1 product", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Redmine" }).click();
    await says(page, "Connect Redmine");
    await page.getByText("More settings").click();
    await look(page, "02-form-wide");

    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByText("Redmine URL is missing.").waitFor();
    assert.equal(await page.getByLabel("Redmine URL").getAttribute("aria-invalid"), "true");
    assert.equal(await page.evaluate(() => document.activeElement.name), "url");
    await look(page, "03-form-missing");

    await page.getByLabel("Redmine URL").fill(world.product);
    const key = page.getByLabel("API access key", { exact: true });
    assert.equal(await key.getAttribute("type"), "password");
    await key.fill("wrong-k3y");
    await page.getByRole("button", { name: "Show API access key" }).click();
    assert.equal(await key.getAttribute("type"), "text");
    await page.getByRole("button", { name: "Show API access key" }).click();
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    const refusal = page.getByRole("alert");
    await refusal.filter({ hasText: "The account was not saved" }).waitFor();
    const words = await refusal.textContent();
    assert.match(words, /redmine/i);
    assert.ok(!words.includes("wrong-k3y"), "a credential is not repeated");
    assert.equal((await world.accounts()).length, 0);
    await look(page, "04-form-refused");

    await key.fill("sandbox");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await says(page, "Redmine is connected");
    await look(page, "05-connected");
    await page.waitForURL(`${world.application}/**`);
    const [account] = await world.accounts();
    const back = new URL(page.url());
    assert.equal(back.searchParams.get("integrated_account_id"), account.id);
    assert.equal(back.searchParams.get("from"), "us");
    assert.deepEqual(
      [account.status, account.label, account.tenant_id, account.integration.name],
      ["active", "Campus", "customer-1", "redmine"],
    );
  });
  await visit(world, link, {}, async (page) => {
    await says(page, "This link cannot be used");
    await page.getByText("used already").waitFor();
    await look(page, "06-link-used");
  });
});

test("by keyboard alone", async () => {
  const before = (await world.accounts()).length;
  const link = await world.link({ redirect_uri: `${world.application}/keyboard` });
  await visit(world, link, {}, async (page) => {
    await says(page, "Connect an account");
    await tabTo(page, "Search products");
    await page.keyboard.type("redmine");
    await page.getByText("1 product", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await says(page, "Connect Redmine");
    await tabTo(page, "API access key of an administrator");
    await page.keyboard.press("ArrowDown");
    await page.getByLabel("Login").waitFor();
    await page.keyboard.press("ArrowUp");
    await tabTo(page, "Redmine URL");
    await page.keyboard.type(world.product);
    await tabTo(page, "API access key");
    await page.keyboard.type("sandbox");
    await tabTo(page, "Connect");
    await look(page, "07-keyboard");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${world.application}/keyboard**`);
  });
  assert.equal((await world.accounts()).length, before + 1);
});

for (const [name, viewport] of [["narrow", NARROW], ["wide", WIDE]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`it can be read: ${name}, ${colorScheme}`, async () => {
      const link = await world.link();
      await visit(world, link, { viewport, colorScheme }, async (page) => {
        await says(page, "Connect an account");
        await look(page, `10-list-${name}-${colorScheme}`);
        for (const product of ["Okta", "Google Workspace"]) {
          await page.getByLabel("Search products").fill(product);
          await page.getByRole("button", { name: product }).first().click();
          await says(page, `Connect ${product}`);
          for (const details of await page.locator("details").all()) await details.evaluate((element) => (element.open = true));
          await look(page, `11-${product.toLowerCase().replace(" ", "-")}-${name}-${colorScheme}`);
          await page.goBack();
          await says(page, "Connect an account");
        }
        await page.getByLabel("Search products").fill("gitlab");
        await page.getByRole("button", { name: "GitLab" }).click();
        await page.getByLabel("OAuth 2.0 application").check();
        await page.getByText(`${world.url}/connect/callback`).waitFor();
        await look(page, `12-oauth-app-${name}-${colorScheme}`);
        await page.getByRole("button", { name: "Continue to GitLab" }).click();
        await page.getByText("Client id is missing.").waitFor();
        await look(page, `13-missing-${name}-${colorScheme}`);
      });
    });
  }
}

test("a sign-in at the provider, with the environment's own app: denied, then allowed", async () => {
  await world.api("PUT", "/integration/redmine/app", {
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    settings: { url: world.provider.url },
  });
  const link = await world.link({ integrations: ["redmine"], redirect_uri: `${world.application}/signed-in` });
  const before = (await world.accounts()).length;
  await visit(world, link, {}, async (page) => {
    await says(page, "Connect Redmine");
    await page.getByLabel("OAuth 2.0 application").check();
    assert.equal(await page.getByLabel("Redmine URL").count(), 0, "whose app it is decides the address");
    assert.equal(await page.getByLabel("Client secret").count(), 0);
    await look(page, "20-sign-in");
    await page.getByRole("button", { name: "Continue to Redmine" }).click();
    await page.waitForURL(`${world.provider.url}/**`);
    await page.click("#deny");
    await says(page, "Redmine was not connected");
    await page.getByText('The <b>resource owner</b> denied the request').waitFor();
    assert.equal((await world.accounts()).length, before);
    await look(page, "21-denied");

    await page.getByRole("link", { name: "Try again" }).click();
    await says(page, "Connect Redmine");
    await page.getByLabel("OAuth 2.0 application").check();
    await page.getByRole("button", { name: "Continue to Redmine" }).click();
    await page.waitForURL(`${world.provider.url}/**`);
    await page.click("#allow");
    await page.waitForURL(`${world.application}/signed-in**`);
    const id = new URL(page.url()).searchParams.get("integrated_account_id");
    const account = await world.api("GET", `/integrated-account/${id}`);
    assert.deepEqual([account.status, account.auth, account.settings.url], ["active", "oauth2", world.provider.url]);
    const people = await world.api("GET", `/unified/user-directory/users?integrated_account_id=${id}&limit=5`);
    assert.equal(people.result.length, 5);

    // What came back once is not taken twice.
    const asked = world.provider.seen.authorize.at(-1);
    await page.goto(`${world.url}/connect/callback?code=again&state=${asked.state}`);
    await says(page, "Not connected");
    await page.getByText("not known").waitFor();
    await look(page, "22-state-again");
  });
  for (const entry of world.log) assert.ok(!/rcl_|campus-s3cret|code=/.test(entry), entry);
});

test("a client of one's own, typed into the form", async () => {
  await world.api("DELETE", "/integration/redmine/app");
  const link = await world.link({ integrations: ["redmine"] });
  await visit(world, link, { viewport: NARROW }, async (page) => {
    await says(page, "Connect Redmine");
    await page.getByLabel("OAuth 2.0 application").check();
    await page.getByLabel("Redmine URL").fill(world.provider.url);
    await page.getByLabel("Client id").fill(CLIENT.id);
    await page.getByLabel(/^Client secret/).fill(CLIENT.secret);
    await page.getByRole("button", { name: "Continue to Redmine" }).click();
    await page.waitForURL(`${world.provider.url}/**`);
    await page.click("#allow");
    await says(page, "Redmine is connected");
    await page.getByText("You can close this page.").waitFor();
    await look(page, "23-connected-narrow");
  });
});

test("an account is connected again: its settings stay, its credential is new", async () => {
  const settings = { url: world.product };
  const account = await world.api("POST", "/integrated-account", {
    integration: "redmine", auth: "api_key", label: "Old Campus", settings, credential: { token: "outdated" }, validate: false,
  });
  const link = await world.link({ integrated_account_id: account.id });
  const before = (await world.accounts()).length;
  await visit(world, link, { colorScheme: "dark" }, async (page) => {
    await says(page, "Connect Redmine again");
    await page.getByText("Old Campus").waitFor();
    assert.equal(await page.getByLabel("Redmine URL").count(), 0);
    await look(page, "30-again-dark");
    await page.getByLabel("API access key", { exact: true }).fill("sandbox");
    await page.getByRole("button", { name: "Connect again" }).click();
    await says(page, "Redmine is connected");
  });
  assert.equal((await world.accounts()).length, before);
  const people = await world.api("GET", `/unified/user-directory/users?integrated_account_id=${account.id}&limit=1`);
  assert.equal(people.result.length, 1);
});

test("a reload and the way back keep the link; what ended says so", async () => {
  const link = await world.link();
  await visit(world, link, {}, async (page) => {
    await says(page, "Connect an account");
    await page.reload();
    await says(page, "Connect an account");
    await page.getByLabel("Search products").fill("redmine");
    await page.getByRole("button", { name: "Redmine" }).click();
    await says(page, "Connect Redmine");
    await page.reload();
    await says(page, "Connect Redmine");
    await page.getByRole("button", { name: "All products" }).click();
    await says(page, "Connect an account");
    await world.api("DELETE", `/token/${link.id}`);
    await page.reload();
    await says(page, "This link cannot be used");
    await page.getByText("was revoked").waitFor();
    await page.reload();
    await page.getByText("Open the link as it was sent to you").waitFor();
    assert.equal(await heading(page).textContent(), "This link cannot be used");
    await look(page, "40-no-link");
  });
  const short = await world.link({ expires_in: 1 });
  await new Promise((done) => setTimeout(done, 1500));
  await visit(world, short, { viewport: NARROW, colorScheme: "dark" }, async (page) => {
    await says(page, "This link cannot be used");
    await page.getByText("has expired").waitFor();
    await look(page, "41-expired-narrow-dark");
  });
});

test("a key with lines keeps them", async () => {
  const link = await world.link({ integrations: ["github"] });
  await visit(world, link, {}, async (page) => {
    await says(page, "Connect GitHub");
    const key = page.getByLabel("Private key (PEM)", { exact: true });
    for (const radio of await page.getByRole("radio").all()) {
      await radio.check();
      if (await key.count()) break;
    }
    await key.focus();
    await key.evaluate((input) => {
      const data = new DataTransfer();
      data.setData("text", "-----BEGIN KEY-----\nAAAA\nBBBB\n-----END KEY-----\n");
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    assert.equal(await key.inputValue(), "-----BEGIN KEY-----\\nAAAA\\nBBBB\\n-----END KEY-----");
  });
});
