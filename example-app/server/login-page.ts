import { createHash } from 'node:crypto'
import type { Response } from 'express'

const STYLE = `:root { color-scheme: light dark }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 24rem }
label { display: block; font-weight: 600 }
input, button { font: inherit; padding: .5rem .75rem; box-sizing: border-box }
input { width: 100%; margin: .25rem 0 1rem }
.error { color: light-dark(#b92d20, #ff8d7d) }`

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * Asks a person for the token. `complaint`: what was wrong with the last one. Without the referrer a browser on plain HTTP would not say
 * either that the form is ours.
 */
export function sendLoginPage(res: Response, complaint?: string): void {
  const error = complaint === undefined ? '' : `<p class="error" role="alert">${complaint}</p>`
  res
    .set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin' })
    .type('html')
    .send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · media server</title>
<style>${STYLE}</style>
<main>
<h1>Media server</h1>
<p>The token is what the server said when it started; it lies in <code>token</code> in its data folder.</p>
${error}
<form method="post" action="login">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
</form>
</main>
`)
}
