// node panel.mjs 8080 behind a TLS proxy: one page, for the scope billing and a second step of the last ten minutes
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
const { ISSUER, CLIENT_ID, CLIENT_SECRET, PANEL } = process.env
const keys = createRemoteJWKSet(new URL(ISSUER + '/jwks')), secret = () => randomBytes(32).toString('base64url')
const basic = 'Basic ' + Buffer.from([CLIENT_ID, CLIENT_SECRET].map(encodeURIComponent).join(':')).toString('base64')
const sessions = new Map() // by cookie; here they end with the process

const opens = (s) => s?.scope?.split(' ').includes('billing') && ['mfa', 'phr'].includes(s.acr) // mfa, and what stands above it
  && s.auth_time >= Date.now() / 1000 - 600
async function redeem(code, { verifier, nonce }) { // what the ID token says of the sign-in, and the scopes that were granted
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: PANEL + '/callback', code_verifier: verifier })
  const got = await (await fetch(ISSUER + '/token', { method: 'POST', headers: { authorization: basic }, body, redirect: 'error' })).json()
  const { payload } = await jwtVerify(got.id_token, keys, { issuer: ISSUER, audience: CLIENT_ID, algorithms: ['RS256', 'ES256'] })
  if (payload.nonce !== nonce) throw new Error('a foreign nonce')
  return { sub: payload.sub, acr: payload.acr, auth_time: payload.auth_time, scope: got.scope }
}
createServer(async (request, response) => {
  const [path, search] = request.url.split('?'), session = sessions.get(/(?:^|; )__Host-panel=([\w-]+)/.exec(request.headers.cookie)?.[1]) ?? {}
  const answer = (status, text) => response.writeHead(status).end(text)
  const leave = (location, kept, name = secret()) => { // the session goes on under a new name
    sessions.set(name, kept)
    response.writeHead(302, { location, 'set-cookie': `__Host-panel=${name}; Path=/; Secure; HttpOnly; SameSite=Lax` }).end()
  }
  if (path === '/callback') {
    const { asked } = session, query = new URLSearchParams(search)
    delete session.asked
    if (!asked || query.get('state') !== asked.state || query.get('iss') !== ISSUER) return answer(400, 'Nobody asked for this.')
    const got = await redeem(query.get('code') ?? '', asked).catch(() => null)
    return opens(got) ? leave(PANEL + '/', got) : answer(403, 'Not opened.') // declined, or less than was asked: no second round
  }
  if (path !== '/') return answer(404, 'Not here.')
  if (opens(session)) return answer(200, 'The bills.')
  const asked = { state: secret(), nonce: secret(), verifier: secret() }
  leave(`${ISSUER}/authorize?` + new URLSearchParams({
    response_type: 'code', client_id: CLIENT_ID, redirect_uri: PANEL + '/callback', scope: 'openid billing', acr_values: 'mfa', max_age: 600, state: asked.state,
    nonce: asked.nonce, code_challenge: createHash('sha256').update(asked.verifier).digest('base64url'), code_challenge_method: 'S256',
  }), { ...session, asked })
}).listen(Number(process.argv[2]), '127.0.0.1')
