// oauth4webapi is a relying party on the library of that name, which does each step of the protocol alone.
import { load, settings } from './load.mjs';
import { ear } from './ear.mjs';
import { resource } from './resource.mjs';
import { home, serve } from './serve.mjs';

const oauth = await load('oauth4webapi');

const issuer = new URL(settings.issuer);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: 'panel' };
const proof = oauth.ClientSecretPost(settings.secret);
const told = ear(as.jwks_uri, 'panel');
const open = new Map();
let tokens, claims;

async function begin(asked) {
  const one = { verifier: oauth.generateRandomCodeVerifier(), nonce: oauth.generateRandomNonce() };
  const state = oauth.generateRandomState();
  open.set(state, one);
  const to = new URL(as.authorization_endpoint);
  to.search = new URLSearchParams({
    client_id: 'panel', response_type: 'code', redirect_uri: `${home}/cb`, scope: 'openid profile email', state, nonce: one.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(one.verifier), code_challenge_method: 'S256', ...asked,
  });
  return to;
}

serve({
  '/login': (url) => begin(Object.fromEntries(url.searchParams)),
  async '/cb'(url) {
    const state = url.searchParams.get('state');
    const one = open.get(state);
    open.delete(state);
    const answer = oauth.validateAuthResponse(as, client, url, state);
    const response = await oauth.authorizationCodeGrantRequest(as, client, proof, answer, `${home}/cb`, one.verifier);
    tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: one.nonce, requireIdToken: true });
    claims = oauth.getValidatedIdTokenClaims(tokens);
    const about = await oauth.userInfoRequest(as, client, tokens.access_token);
    return { claims, userinfo: await oauth.processUserInfoResponse(as, client, claims.sub, about), scope: tokens.scope };
  },
  async '/refresh'() {
    const response = await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token);
    tokens = await oauth.processRefreshTokenResponse(as, client, response);
    return { claims: oauth.getValidatedIdTokenClaims(tokens) ?? {}, scope: tokens.scope };
  },
  async '/area'() {
    try {
      return await (await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(`${home}/resource`))).json();
    } catch (e) {
      const asked = e.cause?.find?.(({ parameters }) => parameters.error === 'insufficient_user_authentication');
      if (!asked) throw e;
      return begin({ acr_values: asked.parameters.acr_values });
    }
  },
  '/resource': resource(as),
  '/backchannel': told.page,
  '/session': async () => ({ claims, over: told.over.has(claims.sid) }),
  async '/logout'() {
    const to = new URL(as.end_session_endpoint);
    to.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${home}/out`, state: 'bye' });
    return to;
  },
  '/out': async (url) => ({ state: url.searchParams.get('state') }),
});
