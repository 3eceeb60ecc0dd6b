// ear is a panel's back channel: whose stay is over is told here. Neither openid-client nor oauth4webapi verifies a logout token;
// jose, of the same author, does the part that is not a comparison of members (OIDC Back-Channel Logout 1.0 §2.6).
import { load, settings } from './load.mjs';

const jose = await load('jose');
const event = 'http://schemas.openid.net/event/backchannel-logout';

export function ear(jwksURI, client) {
  const keys = jose.createRemoteJWKSet(new URL(jwksURI));
  const over = new Set();
  return {
    over,
    async page(_, form) {
      const { payload } = await jose.jwtVerify(form.get('logout_token'), keys, {
        issuer: settings.issuer, audience: client, typ: 'logout+jwt', maxTokenAge: '2 minutes', requiredClaims: ['iat', 'exp', 'jti', 'events', 'sid', 'sub'],
      });
      if (payload.nonce !== undefined || JSON.stringify(payload.events) !== JSON.stringify({ [event]: {} })) return Response.json({}, { status: 400 });
      over.add(payload.sid);
      return {};
    },
  };
}
