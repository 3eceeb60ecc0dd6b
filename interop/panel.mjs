// panel is a relying party on openid-client. Every page is JSON: what the library made of the answer.
import { createServer } from 'node:http';
import { load, settings } from './load.mjs';

const client = await load('openid-client');

const config = await client.discovery(
  new URL(settings.issuer), 'panel', {}, client.ClientSecretBasic(settings.secret), { execute: [client.allowInsecureRequests] },
);
const home = `http://localhost:${settings.port}`;
const open = new Map();
let tokens;

const pages = {
  async '/login'(url) {
    const verifier = client.randomPKCECodeVerifier();
    const expected = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
    open.set(expected.expectedState, expected);
    return client.buildAuthorizationUrl(config, {
      redirect_uri: `${home}/cb`, scope: 'openid profile email dns', state: expected.expectedState, nonce: expected.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    });
  },
  async '/cb'(url) {
    const expected = open.get(url.searchParams.get('state'));
    open.delete(url.searchParams.get('state'));
    tokens = await client.authorizationCodeGrant(config, url, expected);
    const claims = tokens.claims();
    return { claims, userinfo: await client.fetchUserInfo(config, tokens.access_token, claims.sub), scope: tokens.scope };
  },
  async '/refresh'() {
    tokens = await client.refreshTokenGrant(config, tokens.refresh_token);
    return { claims: tokens.claims() ?? {}, scope: tokens.scope };
  },
  async '/logout'() {
    return client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${home}/out`, state: 'bye' });
  },
  async '/out'(url) {
    return { state: url.searchParams.get('state') };
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, home);
  try {
    const answer = await pages[url.pathname](url);
    if (answer instanceof URL) {
      response.writeHead(302, { location: answer.href }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  } catch (e) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ failed: e.error ?? e.code ?? String(e) }));
  }
}).listen(settings.port, '127.0.0.1', () => console.log('ready'));
