// The OpenID provider of the tests: npm's oidc-provider, as a municipality would have it.
// Reads {"clients": [...], "accounts": {...}} from standard input; writes its issuer on one line.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import Provider from 'oidc-provider';

const { clients, accounts } = JSON.parse(await text(process.stdin));
const bySub = {};
const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username', 'groups', 'objectGUID'],
    email: ['email'],
  },
  cookies: { keys: ['of the tests'] },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = `<!doctype html><html lang="nl"><title>Uitloggen</title><h1>Uitloggen</h1>${form}
          <button form="op.logoutForm" name="logout" value="yes">Uitloggen</button></html>`;
      },
    },
  },
  // Who types a name gives no consent as well: the municipality gave it for everybody.
  async loadExistingGrant(ctx) {
    const grant = new provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  async findAccount(ctx, sub) {
    return bySub[sub] && { accountId: sub, claims: async () => bySub[sub] };
  },
});
provider.on('server_error', (ctx, error) => console.error(error));

// The page where somebody types who they are; any password will do.
const page = (uid) => `<!doctype html><html lang="nl"><title>Gemeente</title><h1>Gemeente</h1>
  <form action="/interaction/${uid}" method="post"><label>Naam <input name="login"></label>
  <label>Wachtwoord <input type="password" name="password"></label><button>Verder</button></form>`;

async function interact(request, response) {
  const [, , uid, deed] = request.url.split('/');
  if (request.method === 'GET' && deed !== 'abort') {
    response.setHeader('content-type', 'text/html');
    return response.end(page(uid));
  }
  const login = deed ? null : new URLSearchParams(await text(request)).get('login');
  const claims = accounts[login] && { sub: login, ...accounts[login] };
  if (claims) bySub[claims.sub] = claims;
  const result = claims ? { login: { accountId: claims.sub } } : { error: 'access_denied' };
  return provider.interactionFinished(request, response, result);
}

const answer = provider.callback();
server.on('request', (request, response) => {
  if (request.url === '/favicon.ico') return response.writeHead(204).end();
  return request.url.startsWith('/interaction/') ? interact(request, response) : answer(request, response);
});
console.log(issuer);
