import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { NextFunction, Request, Response } from 'express'

/** Nothing but our own files, and no text that becomes markup or a script, whatever a task is called. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const kinds: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** What the page is made of, read once. All of its addresses are relative, so it works wherever it is mounted. */
export function pageFiles(title: string) {
  const folder = join(__dirname, 'built-page')
  const names = readdirSync(folder).filter((name) => extname(name) in kinds)
  const files = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  const page = (files.get('index.html') as string).replaceAll('{{title}}', () => escaped(title))

  function send(res: Response, name: string, text: string): void {
    res.set({
      'Content-Security-Policy': POLICY,
      'Content-Type': kinds[extname(name)] as string,
      // Kept, and asked for each time: 304 from a tag is quick, and a new version is seen at once.
      'Cache-Control': 'private, no-cache',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    })
    res.send(text)
  }

  return {
    sendPage(req: Request, res: Response): void {
      const address = withSlash(req.originalUrl)
      if (address === null) send(res, 'index.html', page)
      else res.redirect(308, address)
    },

    sendFile(req: Request, res: Response, next: NextFunction): void {
      const { file } = req.params as { file: string }
      const text = file === 'index.html' ? undefined : files.get(file)
      if (text === undefined) next()
      else send(res, file, text)
    },
  }
}

/** `/ops?a` → `./ops/?a`, relative to itself, so that it holds behind any proxy; `null` when the address ends in a slash. */
function withSlash(url: string): string | null {
  const [path = '', query] = url.split('?', 2)
  if (path.endsWith('/') || path === '') return null
  const last = path.slice(path.lastIndexOf('/') + 1)
  return `./${last}/${query === undefined ? '' : `?${query}`}`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}
