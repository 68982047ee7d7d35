import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

// The device that is always full is Linux's.
const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('a log that cannot be written, because its disk is full, does not end the server', async () => {
  const module = join(__dirname, '../dist/server/logger.js')
  const script = `
    const logger = require(${JSON.stringify(module)}).createLogger()
    for (let line = 0; line < 3_000; line += 1) logger.info('x'.repeat(1_000))
    setTimeout(() => console.log('alive'), 100)`
  const child = spawn('/bin/sh', ['-c', 'exec "$0" -e "$1" 2>/dev/full', process.execPath, script])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  expect(await once(child, 'close')).toEqual([0, null])
  expect(said).toBe('alive\n')
})
