// What the page is made of goes into the package as it is: `node lib/dashboard/copy-page.mjs dist`.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [, , dist] = process.argv
const page = fileURLToPath(new URL('page', import.meta.url))
cpSync(page, join(dist, 'dashboard/page'), { recursive: true, filter: (path) => !path.endsWith('tsconfig.json') })
