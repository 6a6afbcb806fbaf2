/**
 * A stock OpenID provider (`oidc-provider` from npm, certified by the OpenID Foundation) for one studio.
 * Usage: node provider.mjs PORT REDIRECT_URI EMAIL. Prints "ready" once it listens; whoever signs in is that person.
 */

import Provider from "oidc-provider";

const [port, redirectUri, email] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "studio", client_secret: "of the studio: %&+", redirect_uris: [redirectUri] }],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email, email_verified: true, name: "Noor Haddad" }),
  }),
  pkce: { required: () => true },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
