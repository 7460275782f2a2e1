// A server, a product that it connects, an application that people come back to, and a browser. All on loopback, all gone at the end.

import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

import { startProvider } from "./provider.js";

const rollcall = process.env.ROLLCALL;

export class World {
  #folder = mkdtempSync(join(tmpdir(), "rollcall-browser-data."));
  #children = [];
  #servers = [];

  static async start() {
    const world = new World();
    try {
      // The product as anyone can play it; what signs people in stands before it.
      world.product = await world.#played("redmine");
      world.provider = await startProvider(world.product);
      world.application = await world.#listening((request, response) => {
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
        response.end("<!doctype html><title>Application</title><h1>Back in the application</h1>");
      });
      world.#servers.push(world.provider.server);
      await world.#serve();
      // Chromium's own sandbox does not work for root, as whom containers often run.
      const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
      world.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
      return world;
    } catch (error) {
      await world.end();
      throw error;
    }
  }

  async end() {
    await this.browser?.close();
    for (const child of this.#children) child.kill("SIGTERM");
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A call of the API with the environment's token. */
  async api(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const response = await fetch(`${this.url}${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  link(body = {}) {
    return this.api("POST", "/link-token", body);
  }

  async accounts() {
    return (await this.api("GET", "/integrated-account")).result;
  }

  async #played(slug) {
    const child = this.#run(["sandbox", slug, "--listen", "127.0.0.1:0"]);
    const line = await firstLine(child.stdout);
    return line.split("\t")[1];
  }

  async #serve() {
    const data = ["--data", this.#folder];
    const child = this.#run(["serve", ...data, "--listen", "127.0.0.1:0", "--allow-private", "127.0.0.1"]);
    const line = await firstLine(child.stderr);
    this.url = line.match(/listens on (\S+)/)[1];
    this.log = [];
    createInterface({ input: child.stderr }).on("line", (entry) => this.log.push(entry));
    this.token = execFileSync(rollcall, ["token", "create", ...data], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).match(/rce_\S+/)[0];
  }

  #run(args) {
    const child = spawn(rollcall, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#children.push(child);
    return child;
  }

  async #listening(answer) {
    const server = createServer(answer);
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    this.#servers.push(server);
    return `http://127.0.0.1:${server.address().port}`;
  }
}

function firstLine(stream) {
  return new Promise((done, failed) => {
    const lines = createInterface({ input: stream });
    lines.once("line", (line) => done(line));
    lines.once("close", () => failed(new Error("it ended without a word")));
  });
}
