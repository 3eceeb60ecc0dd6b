// upstream is a social provider on oidc-provider, with that library's own pages for signing in. Whoever signs in there
// is the person of that name; the address is as verified as the name says.
import { load, settings } from './load.mjs';

const { Provider } = await load('oidc-provider');

const provider = new Provider(settings.issuer, {
  clients: [{ client_id: 'soglia', client_secret: settings.secret, redirect_uris: [settings.redirect] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'locale'] },
  conformIdTokenClaims: settings.conform, // true: mail addresses come from userinfo alone
  cookies: { keys: ['interop'] },
  features: { devInteractions: { enabled: true } },
  async findAccount(_, sub) {
    return {
      accountId: sub,
      claims: async () => ({ sub, name: sub, locale: 'en', email: `${sub}@posta.test`, email_verified: !sub.startsWith('unverified') }),
    };
  },
});
provider.listen(settings.port, '127.0.0.1', () => console.log('ready'));
