// A product's own sign-in, as RFC 6749 and RFC 6750 have it: a page that asks, a token endpoint, refresh tokens that are good once. Everything
// else goes on to the product behind it, which wants its own key.

import { createHash, randomBytes } from "node:crypto";
import { createServer, request as forward } from "node:http";

export const CLIENT = { id: "campus-client", secret: "campus-s3cret" };

export async function startProvider(product) {
  const codes = new Map();
  const tokens = new Set();
  const seen = { authorize: [], token: [] };

  const answer = (response, status, body) => {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  };

  const authorize = (url, response) => {
    const asked = Object.fromEntries(url.searchParams);
    seen.authorize.push(asked);
    if (asked.response_type !== "code" || asked.client_id !== CLIENT.id || !asked.redirect_uri) {
      // Section 4.1.2.1: nobody is sent to an address that was not registered.
      response.writeHead(400, { "content-type": "text/plain" });
      response.end("unknown client");
      return;
    }
    const back = (members) => {
      const address = new URL(asked.redirect_uri);
      for (const [name, value] of Object.entries({ ...members, state: asked.state })) address.searchParams.set(name, value);
      return address.href.replaceAll("&", "&amp;");
    };
    const code = randomBytes(16).toString("hex");
    codes.set(code, asked);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(
      `<!doctype html><html lang="en"><title>Campus</title><h1>Allow rollcall to read the people of Campus?</h1>
       <p><a id="allow" href="${back({ code })}">Allow</a> <a id="deny" href="${back({ error: "access_denied", error_description: "The <b>resource owner</b> denied the request" })}">Deny</a></p>`,
    );
  };

  const token = async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    seen.token.push(form);
    const basic = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
    const [id, secret] = basic ? basic.split(":").map(decodeURIComponent) : [form.client_id, form.client_secret];
    if (id !== CLIENT.id || secret !== CLIENT.secret) return answer(response, 401, { error: "invalid_client" });
    const asked = codes.get(form.code);
    codes.delete(form.code);
    const refused = { error: "invalid_grant", error_description: "the code is not good" };
    if (form.grant_type !== "authorization_code" || !asked || asked.redirect_uri !== form.redirect_uri) return answer(response, 400, refused);
    if (asked.code_challenge) {
      const challenge = createHash("sha256").update(form.code_verifier ?? "").digest("base64url");
      if (challenge !== asked.code_challenge) return answer(response, 400, refused);
    }
    const access = randomBytes(16).toString("hex");
    tokens.add(access);
    answer(response, 200, { access_token: access, token_type: "Bearer", expires_in: 3600, refresh_token: randomBytes(16).toString("hex") });
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://provider");
    if (request.method === "GET" && url.pathname === "/oauth/authorize") return authorize(url, response);
    if (request.method === "POST" && url.pathname === "/oauth/token") return token(request, response);
    const bearer = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    if (!tokens.has(bearer)) return answer(response, 401, { errors: ["the token is not known"] });
    const headers = { ...request.headers, "x-redmine-api-key": "sandbox" };
    delete headers.authorization;
    request.pipe(
      forward(new URL(request.url, product), { method: request.method, headers }, (reply) => {
        response.writeHead(reply.statusCode, reply.headers);
        reply.pipe(response);
      }),
    );
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}`, server, seen };
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
