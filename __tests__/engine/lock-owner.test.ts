import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAlive, newOwner, type Owner, readOwner, type Sighting, sightProcess } from '../../lib/engine/lock-owner'

const self: Owner = { pid: 10, host: 'here', since: '2026-01-01T00:00:00.000Z', incarnation: 'boot/5', token: 'ours' }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const nobody: Sighting = null
const same: Sighting = { incarnation: 'boot/7' }
const another: Sighting = { incarnation: 'boot/9' }
const untold: Sighting = { incarnation: null }

const children: ChildProcessWithoutNullStreams[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that is gone after the test, if not before. */
async function started(command: string, ...args: string[]) {
  const child = spawn(command, args)
  children.push(child)
  await once(child, 'spawn')
  return { child, pid: child.pid as number }
}

test.each<[string, Partial<Owner> | null, Sighting, number, boolean]>([
  // who                                             owner                               seen     silent          lives
  ['a process that is there', { pid: 20 }, same, 0, true],
  ['a process that is there, however silent', { pid: 20 }, same, 60 * MINUTE, true],
  ['a process that is there, on a system that tells no more', { pid: 20 }, untold, 60 * MINUTE, true],
  ['a process that has ended', { pid: 20 }, nobody, 0, false],
  ['a process whose pid another one has now', { pid: 20 }, another, 0, false],
  ['this process', { pid: 10, incarnation: 'boot/5' }, nobody, 60 * MINUTE, true],
  [
    'an earlier process with our pid, as in a container that starts again',
    { pid: 10, incarnation: 'boot/1' },
    same,
    0,
    false,
  ],
  ['another host that gave a sign just now', { host: 'there' }, nobody, 0, true],
  ['another host, silent for three minutes', { host: 'there' }, same, 3 * MINUTE, true],
  ['another host, silent for longer', { host: 'there' }, same, 3 * MINUTE + 1, false],
  ['another host with our pid', { host: 'there', pid: 10 }, nobody, 0, true],
  ['another host whose sign is newer than now', { host: 'there' }, nobody, -60 * MINUTE, true],
  ['nobody can tell who, ten seconds ago', null, same, 10 * SECOND, true],
  ['nobody can tell who, longer ago', null, same, 10 * SECOND + 1, false],
])('%s', (_who, owner, seen, silentMs, lives) => {
  const found = owner && { ...self, incarnation: 'boot/7', token: 'theirs', ...owner }
  expect(isAlive(found, self, silentMs, () => seen)).toBe(lives)
})

test('an owner is this process, on this host, since now, with a token of its own', () => {
  const owner = newOwner(Date.parse('2026-01-01T02:00Z'))
  expect(owner).toMatchObject({ pid: process.pid, host: hostname(), since: '2026-01-01T02:00:00.000Z' })
  expect(newOwner(0)).toEqual({
    ...owner,
    since: '1970-01-01T00:00:00.000Z',
    token: expect.not.stringMatching(owner.token),
  })
  expect(readOwner(JSON.stringify(owner))).toEqual(owner)
})

test.each([
  ['', 'nothing'],
  ['{"pid":1', 'half of it'],
  ['null', 'null'],
  ['[]', 'a list'],
  ['"me"', 'a word'],
  [JSON.stringify({ ...self, pid: '10' }), 'a pid that is no number'],
  [JSON.stringify({ ...self, pid: 0 }), 'a pid that means a group of processes'],
  [JSON.stringify({ ...self, pid: -1 }), 'a pid that means all processes'],
  [JSON.stringify({ ...self, pid: 1.5 }), 'half a pid'],
  ...(['host', 'since', 'incarnation', 'token'] as const).map((member) => [
    JSON.stringify({ ...self, [member]: undefined }),
    `no ${member}`,
  ]),
])('%s names no owner: %s', (text) => {
  expect(readOwner(text)).toBeNull()
})

describe('the system', () => {
  test('shows this process', () => {
    expect(sightProcess(process.pid)).not.toBeNull()
  })

  test('shows a process of another user, whom nothing can be sent to', () => {
    jest.spyOn(process, 'kill').mockImplementationOnce(() => {
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
    })
    expect(sightProcess(process.pid)).not.toBeNull()
    jest.restoreAllMocks()
  })

  test('may show that a process is there, and nothing more', () => {
    jest.spyOn(process, 'kill').mockReturnValueOnce(true)
    expect(sightProcess(2 ** 22 + 1)).toEqual({ incarnation: null })
    jest.restoreAllMocks()
  })

  test('shows a child while it lives, and no longer', async () => {
    const { child, pid } = await started('cat')
    expect(sightProcess(pid)).not.toBeNull()
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(sightProcess(pid)).toBeNull()
  })
})

const onLinux = process.platform === 'linux' ? describe : describe.skip

onLinux('Linux', () => {
  test('tells one incarnation from another, and the same from itself', async () => {
    const { pid } = await started('cat')
    const seen = sightProcess(pid)
    expect(seen?.incarnation).toMatch(/^[\da-f-]{36}\/\d+$/)
    expect(sightProcess(pid)).toEqual(seen)
    expect(sightProcess(process.pid)).toEqual({ incarnation: newOwner(0).incarnation })
    expect(sightProcess(process.pid)).not.toEqual(seen)
  })

  test('reads the start of a process whose name looks like fields', async () => {
    const { child, pid } = await started('sh', '-c', 'printf ") S 1 1 1 (" >/proc/$$/comm; echo; read line')
    await once(child.stdout, 'data')
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe(') S 1 1 1 (\n')
    const ticks = Number(sightProcess(pid)?.incarnation?.split('/')[1])
    expect(ticks).toBeGreaterThanOrEqual(Number(newOwner(0).incarnation.split('/')[1]))
  })

  test('does not show a killed process that its parent has not asked about', async () => {
    // The shell starts a child that tells its pid and ends, and becomes `cat`, which never asks about children.
    const { child: parent } = await started('sh', '-c', 'sh -c "echo \\$\\$" & exec cat')
    const [line] = await once(parent.stdout, 'data')
    const pid = Number(line)
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
      await new Promise((resolve) => setImmediate(resolve))
    expect(sightProcess(pid)).toBeNull()
  })
})
