// resource is an interface of a panel that wants a level: oauth4webapi judges the access token (RFC 9068), and a token below mfa is
// answered as RFC 9470 §3 says.
import { load, settings } from './load.mjs';
import { home } from './serve.mjs';

const oauth = await load('oauth4webapi');

export const resource = (as) => async (url, _, request) => {
  const claims = await oauth.validateJwtAccessToken(
    as, new Request(new URL(url.pathname, home), { headers: { authorization: request.headers.authorization } }), settings.issuer,
  );
  if (claims.acr === 'mfa') return { claims };
  return Response.json({}, {
    status: 401, headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", error_description="A second step is needed.", acr_values="mfa"' },
  });
};
