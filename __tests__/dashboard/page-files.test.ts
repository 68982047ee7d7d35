import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import helmet from 'helmet'
import request from 'supertest'
import ts from 'typescript'
import { openDashboard } from '../helpers/dashboard'
import { lineOf, moduleOf, visit } from '../helpers/modules'

const sources = join(__dirname, '../../lib/dashboard/page')
const modules = readdirSync(sources).filter((name) => name.endsWith('.mjs'))
const folder = join(__dirname, '../../lib/dashboard/built-page')
const names = readdirSync(folder)

test('the page sets its own policy, whatever the host has set before', async () => {
  const { app } = await openDashboard({ before: [helmet()] })
  const { headers, text } = await request(app).get('/ops/').expect(200).expect('Content-Type', /html/)
  const policy = String(headers['content-security-policy'])
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]) {
    expect(policy.split('; ')).toContain(rule)
  }
  expect(policy).not.toContain('unsafe')
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(text).not.toMatch(/<script>|<style|\son\w+=|style=|https?:/)
})

test('a title is text', async () => {
  const { app } = await openDashboard({ title: '</title><script>alert("$&")</script>' })
  const { text } = await request(app).get('/ops/')
  expect(text).toContain('<title>&lt;/title&gt;&lt;script&gt;alert(&quot;$&amp;&quot;)&lt;/script&gt;</title>')
})

test.each([
  ['/ops', './ops/'],
  ['/ops?a=1', './ops/?a=1'],
])('%s leads to its slash, relative to itself, so that any proxy may stand before it', async (path, location) => {
  const { app } = await openDashboard()
  await request(app).get(path).expect(308).expect('Location', location)
})

test.each(names.filter((name) => name !== 'index.html'))(
  '%s is sent, and asked for again only if it has changed',
  async (name) => {
    const { app } = await openDashboard()
    const { headers, text, body } = await request(app).get(`/ops/page/${name}`).expect(200)
    expect(text ?? String(body)).toBe(readFileSync(join(folder, name), 'utf8'))
    expect(headers['cache-control']).toBe('private, no-cache')
    await request(app).get(`/ops/page/${name}`).set('If-None-Match', String(headers.etag)).expect(304)
  },
)

test.each(['tsconfig.json', 'index.html', '..%2Frouter.ts', '%2e%2e', 'nothing.mjs'])(
  '%s is no file of it',
  async (name) => {
    const { app } = await openDashboard()
    await request(app).get(`/ops/page/${name}`).expect(404)
  },
)

test('nothing writes markup or asks another host', () => {
  for (const name of modules) {
    const text = readFileSync(join(sources, name), 'utf8').replace('http://www.w3.org/2000/svg', '')
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|eval\(|https?:|setAttribute\('style/,
    )
  }
})

test('it is one module, in which each part stands below the name of its source', () => {
  expect(names.sort()).toEqual(['app.mjs', 'icon.svg', 'index.html', 'style.css'])
  const text = readFileSync(join(folder, 'app.mjs'), 'utf8')
  expect(text).not.toMatch(/^import /m)
  expect([...text.matchAll(/^\/\/ page\/(.+)$/gm)].map(([, name]) => name).sort()).toEqual(modules.sort())
})

test.each(modules)('%s has one noun, and functions that are read at a glance', (name) => {
  const { source } = moduleOf(name, readFileSync(join(sources, name), 'utf8'))
  const long: string[] = []
  visit(source, (node) => {
    const lines = ts.isFunctionLike(node) ? node.getText(source).split('\n').length : 0
    if (lines > 35) long.push(`line ${lineOf(source, node)}: a function of ${lines} lines`)
  })
  expect(long).toEqual([])
  expect(source.text.split('\n').length).toBeLessThan(175)
})

test('all of it takes less than 80 kB over the wire without compression, and less than 25 kB with it', () => {
  const sizes = names.map((name) => readFileSync(join(folder, name)))
  expect(sizes.reduce((sum, file) => sum + file.length, 0)).toBeLessThan(80_000)
  expect(sizes.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThan(25_000)
})
