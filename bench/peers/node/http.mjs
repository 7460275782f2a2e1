// The fast hand-written Node: node:http with one kept-alive connection.  usage: node http.mjs BASE_URL > users.ndjson
import fs from "node:fs";
import http from "node:http";
import { headers, nextLink, passes } from "./passes.mjs";
import { unify } from "./unify.mjs";

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const get = (url) =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent, headers }, (response) => {
        const pieces = [];
        response.on("data", (piece) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`));
          resolve({ users: JSON.parse(Buffer.concat(pieces).toString("utf8")), link: response.headers.link });
        });
      })
      .on("error", reject);
  });

for (const pass of passes(process.argv[2])) {
  for (let url = pass; url; ) {
    const { users, link } = await get(url);
    let lines = "";
    for (const user of users) lines += JSON.stringify(unify(user)) + "\n";
    fs.writeFileSync(1, lines);
    url = nextLink(link);
  }
}
agent.destroy();
