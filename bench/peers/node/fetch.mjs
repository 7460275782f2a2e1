// The usual hand-written Node: global fetch, plain JavaScript.  usage: node fetch.mjs BASE_URL > users.ndjson
import fs from "node:fs";
import { headers, nextLink, passes } from "./passes.mjs";
import { unify } from "./unify.mjs";

for (const pass of passes(process.argv[2])) {
  for (let url = pass; url; ) {
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    let lines = "";
    for (const user of await response.json()) lines += JSON.stringify(unify(user)) + "\n";
    fs.writeFileSync(1, lines);
    url = nextLink(response.headers.get("link"));
  }
}
