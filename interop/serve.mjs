// serve answers each page of a panel with what it returns: an address to go to, or JSON. With a certificate it speaks TLS.
import { readFileSync } from 'node:fs';
import { createServer as plain } from 'node:http';
import { createServer as secure } from 'node:https';
import { settings } from './load.mjs';

export const home = settings.home ?? `http://localhost:${settings.port}`;

const body = async (request) => {
  let text = '';
  for await (const part of request) text += part;
  return new URLSearchParams(text);
};

export function serve(pages) {
  const answer = async (request, response) => {
    const url = new URL(request.url, home);
    const say = (status, said, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(said));
    try {
      const page = await pages[url.pathname](url, request.method === 'POST' ? await body(request) : undefined, request);
      if (page instanceof URL) response.writeHead(302, { location: page.href }).end();
      else if (page instanceof Response) say(page.status, await page.json(), Object.fromEntries(page.headers));
      else say(200, page);
    } catch (e) {
      say(200, { failed: e.error ?? e.code ?? String(e) });
    }
  };
  const server = settings.cert ? secure({ cert: readFileSync(settings.cert), key: readFileSync(settings.key) }, answer) : plain(answer);
  server.listen(settings.port, '127.0.0.1', () => console.log('ready'));
}
