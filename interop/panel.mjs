// panel is a relying party on openid-client. Every page is JSON: what the library made of the answer.
import { load, settings } from './load.mjs';
import { ear } from './ear.mjs';
import { resource } from './resource.mjs';
import { home, serve } from './serve.mjs';

const client = await load('openid-client');

const config = await client.discovery(
  new URL(settings.issuer), 'panel', {}, client.ClientSecretBasic(settings.secret), { execute: settings.cert ? [] : [client.allowInsecureRequests] },
);
const told = ear(config.serverMetadata().jwks_uri, 'panel');
const open = new Map();
let tokens;

async function begin(asked) {
  const verifier = client.randomPKCECodeVerifier();
  const expected = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
  open.set(expected.expectedState, expected);
  return client.buildAuthorizationUrl(config, {
    redirect_uri: `${home}/cb`, scope: 'openid profile email', state: expected.expectedState, nonce: expected.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...asked,
  });
}

serve({
  '/login': (url) => begin(Object.fromEntries(url.searchParams)),
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
  // Who is too weak for the interface goes where its challenge says (RFC 9470 §4).
  async '/area'() {
    try {
      const answer = await client.fetchProtectedResource(config, tokens.access_token, new URL(`${home}/resource`), 'GET');
      return await answer.json();
    } catch (e) {
      const asked = e.cause?.find?.(({ parameters }) => parameters.error === 'insufficient_user_authentication');
      if (!asked) throw e;
      return begin({ acr_values: asked.parameters.acr_values });
    }
  },
  '/resource': resource(config.serverMetadata()),
  '/backchannel': told.page,
  '/session': async () => ({ claims: tokens.claims(), over: told.over.has(tokens.claims().sid) }),
  '/logout': async () => client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${home}/out`, state: 'bye' }),
  '/out': async (url) => ({ state: url.searchParams.get('state') }),
});
