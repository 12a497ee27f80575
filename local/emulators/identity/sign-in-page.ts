import { type Person, tenants } from '../../people.ts';

/** The page on which a demo person is chosen; choosing posts `user` back to the same address. */
export function signInPage(people: readonly Person[]): string {
  const companies = Object.entries(tenants)
    .map(([tenant, { name }]) =>
      section(
        name,
        people.filter((person) => person.tenant === tenant),
      ),
    )
    .join('');
  return page(
    'Sign in',
    `<h1>Who are you today?</h1>
    <p>These demo people exist on this machine only and have no passwords.</p>
    <form method="post">${companies}</form>`,
  );
}

/** The page that ends the session; it submits itself, and shows a button where scripts are off. */
export function signOutPage(form: string): string {
  return page(
    'Sign out',
    `<h1>Signing out…</h1>
    ${form}
    <button type="submit" form="op.logoutForm" name="logout" value="yes"><strong>Sign out</strong></button>
    <script>document.querySelector('button').click()</script>`,
  );
}

/** The page after a sign-out that named no address to return to. */
export function signedOutPage(): string {
  return page('Signed out', '<h1>You are signed out</h1><p>You can close this page.</p>');
}

/** A page that says why a sign-in cannot go on. */
export function errorPage(reason: string): string {
  return page(
    'Sign-in failed',
    `<h1>Sign-in failed</h1><p>${escapeHtml(reason)}</p><p>Go back to the app and try again.</p>`,
  );
}

function section(company: string, people: readonly Person[]): string {
  if (people.length === 0) return '';
  return `<fieldset><legend>${escapeHtml(company)}</legend>${people.map(choice).join('')}</fieldset>`;
}

function choice({ userName, name, description, roles }: Person): string {
  return `<button name="user" value="${escapeHtml(userName)}">
    <strong>${escapeHtml(name)}</strong> <span>${escapeHtml(description)} · ${escapeHtml(roles.join(', '))}</span></button>`;
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · local identity provider</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { display: grid; place-items: center; min-height: 100vh; margin: 0; background: light-dark(#f3f5f8, #14171c); }
  main { width: min(30rem, 100% - 4rem); padding: 2rem; border-radius: 1rem; background: light-dark(#fff, #1f242c); }
  h1 { margin: 0; font-size: 1.5rem; }
  fieldset { display: grid; gap: .5rem; margin: 1.25rem 0 0; padding: 0; border: 0; }
  legend { padding: 0 0 .5rem; font-weight: 600; }
  button { padding: .7rem 1rem; border: 1px solid light-dark(#c8ced8, #444c58); border-radius: .6rem; background: none;
    color: inherit; font: inherit; text-align: left; cursor: pointer; }
  button:hover, button:focus-visible { border-color: #2f6fed; outline: 2px solid #2f6fed; }
  button span { display: block; font-size: .875rem; color: light-dark(#566070, #a8b1bf); }
</style>
</head>
<body><main>${content}</main></body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
