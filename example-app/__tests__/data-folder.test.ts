import { chmod, chown } from 'node:fs/promises'
import { makeDataFolder } from '../server/data-folder'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

/** The account that owns nothing. */
const NOBODY = 65_534

/** Does something as an account that is not root's: root may write everywhere. */
async function asSomebody(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

test('a DATA_DIR that may not be written is said, and why', async () => {
  const path = await aFolder()
  if (process.getuid?.() === 0) await chown(path, NOBODY, NOBODY)
  await chmod(path, 0o500)
  await asSomebody(async () => {
    await expect(makeDataFolder(path)).rejects.toThrow(
      `DATA_DIR is ${path}, and this account may not write there; expected`,
    )
  })
  await chmod(path, 0o700)
  await asSomebody(() => makeDataFolder(path))
})
