// Node with the mapping as a JSONata expression, evaluated for each person.
// usage: node jsonata.mjs BASE_URL jsonata|truto-jsonata > users.ndjson
import fs from "node:fs";
import { headers, nextLink, passes } from "./passes.mjs";

const text = fs.readFileSync(new URL("okta.jsonata", import.meta.url), "utf8");
const [base, library] = process.argv.slice(2);
const expression =
  library === "jsonata" ? (await import("jsonata")).default(text) : (await import("@truto/truto-jsonata")).default(text);

for (const pass of passes(base)) {
  for (let url = pass; url; ) {
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    let lines = "";
    for (const user of await response.json()) {
      const unified = await expression.evaluate(user);
      unified.remote_data = user;
      lines += JSON.stringify(unified) + "\n";
    }
    fs.writeFileSync(1, lines);
    url = nextLink(response.headers.get("link"));
  }
}
