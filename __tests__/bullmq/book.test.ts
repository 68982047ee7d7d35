import { Book } from '../../lib/bullmq/book'
import type { Connection } from '../../lib/bullmq/connection'
import type { Item } from '../../lib/bullmq/news'
import { begunPage, blankPage, endedPage, type Page } from '../../lib/bullmq/page'
import { newRun, type Run } from '../../lib/engine/run'
import { fakeClock } from '../../lib/testing'

const run = newRun({ id: 'r1', task: 'Mail', trigger: 'window', by: null, date: '2026-01-14', startedAt: '' })
const ended: Run = { ...run, endedAt: '2026-01-14T02:00:00.000Z', outcome: 'completed' }
const entry = { task: 'Mail', trigger: 'window', by: null, at: null, until: null, after: [] } as const

/** One page in the four states that a night takes it through. */
const idle: Page = { ...blankPage, lastCompletedOn: '2026-01-13' }
const waiting = { ...idle, job: 'j1', waiting: { ...entry, after: [] } }
const running = begunPage(waiting, run, 'other', true)
const over = endedPage(running, ended)

const told = (topic: string, payload: unknown, more: Partial<Item> = {}): Item => ({
  node: 'other',
  topic,
  payload,
  ...more,
})
const begins = told('run:started', run, { begun: { job: 'j1', hasPlace: true } })
const ends = told('run:ended', ended)

/** A database in the memory of the test, one process that has read its book, and another one that writes in it. */
async function openBooks(...pages: Page[]) {
  const fields = new Map<string, string>()
  const asked: string[] = []
  let held: { what: string; until: Promise<void> } | null = null
  let isAway = false
  const answer = async <Answer>(what: string, found: Answer) => {
    asked.push(what)
    if (isAway) throw new Error('The database is away.')
    if (what === held?.what) await held.until
    return found
  }
  const queue = {
    getQueueMeta: () => answer('all', Object.fromEntries(fields)),
    getQueueMetaField: (name: string) => answer(name, fields.get(name) ?? null),
    getQueueMetaFields: (names: string[]) =>
      answer(
        names.filter((name) => name !== 'edition:').join(' '),
        names.map((name) => fields.get(name) ?? null),
      ),
    async setQueueMeta(given: Record<string, string>) {
      for (const [name, value] of Object.entries(given)) fields.set(name, value)
    },
    async removeQueueMetaFields(names: string[]) {
      for (const name of names) fields.delete(name)
    },
  }
  const connection = { ask: (question: () => unknown) => question(), queue: () => queue } as unknown as Connection
  const clock = fakeClock('2026-01-14T02:00Z')
  const [book, elsewhere] = [new Book(connection, clock), new Book(connection, clock)]
  const write = (page: Page, task = 'Mail') => elsewhere.write(new Map([[task, page]]))
  const others = Array.from({ length: 9 }, (_, place) => write(idle, `Other${place}`))
  await Promise.all([...others, ...pages.map((page) => write(page))])
  await book.read()
  return {
    book,
    elsewhere,
    clock,
    write,
    fields,
    /** What was asked of the database since this was last asked. */
    asked: () => asked.splice(0),
    /** Who asks for this from now on gets no answer before what is answered here is called. */
    holdUp(what: string) {
      let release = () => {}
      const until = new Promise<void>((resolve) => {
        release = resolve
      })
      held = { what, until }
      return release
    },
    setAway(away: boolean) {
      isAway = away
    },
  }
}

const mailOf = async (reading: ReturnType<Book['read']>) => (await reading).pages.get('Mail')

test.each<[string, Page, Item, Page]>([
  ['a run that begins', waiting, begins, running],
  ['a run that ends', running, ends, over],
])('%s is written into the copy, and nothing is read', async (_, before, item, after) => {
  const { book, write, asked } = await openBooks(before)
  await write(after)
  asked()
  book.hear(item)
  expect(await mailOf(book.recall())).toEqual(after)
  expect(asked()).toEqual([])
})

test.each<[string, Page, Item, Page]>([
  ['a run that begins, of a page that was not seen to wait', idle, begins, running],
  ['a run that begins, of another job than waited', { ...waiting, job: 'j0' }, begins, running],
  ['a run that begins while another one goes on', { ...running, lastRun: { ...run, id: 'r0' } }, begins, running],
  ['a run that begins, without a word of its job', waiting, told('run:started', run), running],
  ['a run that ends, of a page that was not seen to run', waiting, ends, over],
  ['a run that ends while another one is seen to go on', { ...running, lastRun: { ...run, id: 'r0' } }, ends, over],
  ['a task that is taken off', waiting, told('task:removed', entry), idle],
  ['what is written on a page again', idle, told('rewritten', 'Mail'), waiting],
])('of %s one page is read', async (_, before, item, after) => {
  const { book, write, asked } = await openBooks(before)
  await write(after)
  asked()
  book.hear(item)
  expect(await mailOf(book.recall())).toEqual(after)
  expect(asked()).toEqual(['task:Mail'])
})

test.each<[string, Page, Item]>([
  ['a beginning', running, begins],
  ['a beginning whose end is known', over, begins],
  ['an end', over, ends],
])('%s that is known already changes nothing, and nothing is read', async (_, known, item) => {
  const { book, asked } = await openBooks(known)
  asked()
  book.hear(item)
  expect(await mailOf(book.recall())).toEqual(known)
  expect(asked()).toEqual([])
})

test('after settings that changed the whole book is read', async () => {
  const { book, elsewhere, write, asked } = await openBooks(idle)
  await write(waiting)
  await elsewhere.change({ enabled: { Mail: false } })
  asked()
  book.hear(told('settings', null))
  expect(await book.recall()).toMatchObject({ settings: { enabled: { Mail: false } } })
  expect(asked()).toEqual(['all'])
  expect(await mailOf(book.recall())).toEqual(waiting)
})

test('when most pages are to be read, the whole book is', async () => {
  const { book, asked } = await openBooks(idle)
  asked()
  for (let place = 0; place < 6; place += 1) book.suspect(`Other${place}`)
  await book.recall()
  expect(asked()).toEqual(['all'])
})

test('a reading is as it was, whatever is heard after it', async () => {
  const { book } = await openBooks(waiting)
  const before = await book.recall()
  book.hear(begins)
  expect(before.pages.get('Mail')).toEqual(waiting)
})

test('what a host does to a run that it was told of does not reach the copy', async () => {
  const { book } = await openBooks(waiting)
  const payload = { ...run, log: [] }
  book.hear({ ...begins, payload })
  payload.outcome = 'failed'
  expect((await mailOf(book.recall()))?.lastRun?.outcome).toBeNull()
})

test('what is heard while something is read is read again, for it may be the newer of both', async () => {
  const { book, write, holdUp } = await openBooks(waiting)
  book.suspect('Mail')
  const release = holdUp('task:Mail')
  const reading = book.recall()
  await write(running)
  book.hear(begins)
  release()
  await reading
  expect(await mailOf(book.recall())).toEqual(running)
})

test('what could not be read is read next time', async () => {
  const { book, write, setAway } = await openBooks(idle)
  await write(waiting)
  book.suspect('Mail')
  setAway(true)
  await expect(book.recall()).rejects.toThrow('The database is away.')
  setAway(false)
  expect(await mailOf(book.recall())).toEqual(waiting)
  await write(idle)
  book.doubt()
  setAway(true)
  await expect(book.recall()).rejects.toThrow('The database is away.')
  setAway(false)
  expect(await mailOf(book.recall())).toEqual(idle)
})

test('a reading is of this moment, although nothing was heard; and while nobody writes only the version is read', async () => {
  const { book, write, asked } = await openBooks(idle)
  await write(waiting)
  expect(await mailOf(book.read())).toEqual(waiting)
  asked()
  expect(await mailOf(book.read())).toEqual(waiting)
  expect(asked()).toEqual(['changed:'])
  book.doubt()
  expect(await mailOf(book.read())).toEqual(waiting)
  expect(asked()).toEqual(['all'])
})

test('what one writes itself is read before it is believed', async () => {
  const { book, asked } = await openBooks(waiting)
  asked()
  await book.write(new Map([['Mail', running]]))
  expect(await mailOf(book.recall())).toEqual(running)
  expect(asked()).toEqual(['task:Mail'])
})

/** What a process tells of pages that it adds. */
async function plan(by: Book, pages: ReadonlyMap<string, Page>): Promise<{ each: Item[]; last: Item }> {
  const { added, version } = await by.add(pages)
  const each = Array.from(pages, ([task, page]) => told('planned', { task, page }))
  return { each, last: told('added', added, { version }) }
}

const plans = new Map<string, Page>([
  ['Mail', waiting],
  ['Other1', { ...idle, job: 'j2', waiting: { ...entry, task: 'Other1', after: [] } }],
])

test('a plan is written into the copy once all of it has been told, and nothing is read', async () => {
  const { book, elsewhere, asked } = await openBooks(idle)
  await elsewhere.read()
  const { each, last } = await plan(elsewhere, plans)
  asked()
  for (const item of each) book.hear(item)
  expect(await mailOf(book.recall())).toEqual(idle)
  book.hear(last)
  expect(await mailOf(book.recall())).toEqual(waiting)
  expect(asked()).toEqual([])
  expect(await mailOf(book.check([]))).toEqual(waiting)
  expect(asked()).toEqual(['changed:'])
})

test('what happens after a plan is written into it, too', async () => {
  const { book, elsewhere, write, asked } = await openBooks(idle)
  await elsewhere.read()
  const { each, last } = await plan(elsewhere, plans)
  for (const item of [...each, last]) book.hear(item)
  await write(running)
  book.hear(begins)
  asked()
  expect(await mailOf(book.recall())).toEqual(running)
  expect(asked()).toEqual([])
})

test.each<[string, (plan: { each: Item[]; last: Item }, books: Awaited<ReturnType<typeof openBooks>>) => unknown]>([
  [
    'of which a page was not heard',
    ({ each, last }, { book }) => [each[1], last].map((item) => book.hear(item as Item)),
  ],
  [
    'of which a page came from another node',
    ({ each, last }, { book }) => {
      book.hear({ ...(each[0] as Item), node: 'third' })
      for (const item of [each[1], last]) book.hear(item as Item)
    },
  ],
  [
    'that came after another one, of which nothing was heard',
    async (_, { book, elsewhere }) => {
      await elsewhere.read()
      const second = await plan(elsewhere, new Map([['Mail', waiting]]))
      for (const item of second.each) book.hear(item)
      book.hear(second.last)
    },
  ],
  [
    'that is heard while all is read',
    async ({ each, last }, { book, holdUp }) => {
      book.doubt()
      const release = holdUp('all')
      const reading = book.recall()
      for (const item of [...each, last]) book.hear(item)
      release()
      await reading
    },
  ],
])('a plan %s is read', async (_, hear) => {
  const books = await openBooks(idle)
  const { book, elsewhere, asked } = books
  await elsewhere.read()
  await hear(await plan(elsewhere, plans), books)
  asked()
  const { pages } = await book.recall()
  expect([...plans.keys()].map((task) => pages.get(task))).toEqual([...plans.values()])
  expect(asked()).toEqual(['all'])
})

test('a plan that was read before its end was heard of is not read again', async () => {
  const { book, elsewhere, asked, write } = await openBooks(idle)
  await elsewhere.read()
  const { each, last } = await plan(elsewhere, plans)
  await write(running)
  await book.read()
  asked()
  for (const item of [...each, last]) book.hear(item)
  expect(await mailOf(book.recall())).toEqual(running)
  expect(asked()).toEqual([])
})

test('of a plan of which the end was never heard nothing is left once all has been read', async () => {
  const { book, elsewhere, asked } = await openBooks(idle)
  await elsewhere.read()
  const [lost] = (await plan(elsewhere, new Map([['Other2', idle]]))).each
  book.hear(lost as Item)
  book.doubt()
  await Promise.all([book.recall(), elsewhere.read()])
  const { each, last } = await plan(elsewhere, plans)
  asked()
  for (const item of [...each, last]) book.hear(item)
  expect(await mailOf(book.recall())).toEqual(waiting)
  expect(asked()).toEqual([])
})

/** The copy of one process that was told of a run that began and ended, with what the other one told; and then so many checks. */
async function atRestAfter(checks: number, more: readonly Item[] = []) {
  const books = await openBooks(waiting)
  const { book, write, asked } = books
  book.hear({ ...begins, version: await write(running) })
  book.hear({ ...ends, version: await write(over) })
  for (const item of more) book.hear(item)
  asked()
  for (let check = 0; check < checks; check += 1) await book.check([])
  return books
}

test('a book that has come to rest is not read, if its last change was told', async () => {
  const { asked } = await atRestAfter(9)
  expect(asked()).toEqual(Array(9).fill('changed:'))
})

test('once that has been so for a lease, the copy counts as read', async () => {
  const early = await atRestAfter(5)
  early.asked()
  await early.book.read()
  expect(early.asked()).toEqual(['all'])
  const late = await atRestAfter(7)
  late.asked()
  expect(await mailOf(late.book.read())).toEqual(over)
  expect(late.asked()).toEqual(['changed:'])
})

test.each(['stop', 'marked', 'run:progress'])(
  'a book that has come to rest is read after a word of %s, which the copy does not follow',
  async (topic) => {
    const { asked } = await atRestAfter(3, [told(topic, null)])
    expect(asked()).toEqual(['changed:', 'changed:', 'all', 'changed:'])
  },
)

test('after that it is again left alone when it comes to rest', async () => {
  const { book, write, asked } = await atRestAfter(3, [told('stop', null)])
  await write(waiting)
  book.hear(told('rewritten', 'Mail', { version: await write(idle) }))
  asked()
  for (let check = 0; check < 3; check += 1) await book.check([])
  expect(asked()).toEqual(['changed: task:Mail', 'changed:', 'changed:'])
})

test('the copy does not count as read while something is suspected', async () => {
  const { book, holdUp, asked } = await atRestAfter(6)
  const release = holdUp('changed:')
  const checking = book.check([])
  book.hear(told('rewritten', 'Mail'))
  release()
  await checking
  asked()
  await book.read()
  expect(asked()).toEqual(['all'])
})

test.each<[string, (books: Awaited<ReturnType<typeof openBooks>>) => unknown]>([
  [
    'is heard of',
    async ({ book, elsewhere }) => {
      await elsewhere.mark('r1', 'stopped')
      book.hear(told('marked', null))
    },
  ],
  ['is one’s own', ({ book }) => book.mark('r1', 'stopped')],
])('a stop that %s while all is read is found in the end', async (_, stop) => {
  const books = await openBooks(running)
  const { book, holdUp, write } = books
  book.doubt()
  const release = holdUp('all')
  const reading = book.recall()
  await stop(books)
  release()
  await reading
  book.hear(told('rewritten', 'Other1', { version: await write(idle, 'Other1') }))
  for (let check = 0; check < 9; check += 1) await book.check([])
  expect([...(await book.read()).stops]).toEqual([['r1', 'stopped']])
})

test('what one has written oneself was told', async () => {
  const { book, asked } = await openBooks(waiting)
  await book.write(new Map([['Mail', running]]))
  asked()
  for (let check = 0; check < 3; check += 1) await book.check([])
  expect(asked()).toEqual(['changed: task:Mail', 'changed:', 'changed:'])
})

test('whom one has asked to stop oneself is read once the book has come to rest', async () => {
  const { book, asked } = await openBooks(running)
  await book.mark('r1', 'stopped')
  await book.write(new Map([['Other1', idle]]))
  for (let check = 0; check < 2; check += 1) await book.check([])
  expect([...(await book.check([])).stops]).toEqual([['r1', 'stopped']])
  expect(asked().filter((what) => what === 'all')).toHaveLength(2)
})

test('a change that nobody told is found once the book has come to rest', async () => {
  const { book, write, asked } = await openBooks(idle)
  await write(waiting)
  asked()
  expect(await mailOf(book.check([]))).toEqual(idle)
  expect(await mailOf(book.check([]))).toEqual(waiting)
  await book.check([])
  expect(asked()).toEqual(['changed:', 'changed:', 'all', 'changed:'])
})

test('a change that nobody told is found ten minutes later, if the book never comes to rest', async () => {
  const { book, write, clock } = await openBooks(idle)
  await write(waiting)
  expect(await mailOf(book.check([]))).toEqual(idle)
  clock.stepBy(599_999)
  await write(idle, 'Other1')
  expect(await mailOf(book.check([]))).toEqual(idle)
  clock.stepBy(1)
  await write(idle, 'Other1')
  expect(await mailOf(book.check([]))).toEqual(waiting)
})

test('what is known of runs that go on here is read at each check, and who asked them to stop', async () => {
  const { book, elsewhere, write } = await openBooks(waiting)
  await write(running)
  await elsewhere.mark('r1', 'stopped')
  const { pages, stops } = await book.check([run])
  expect(pages.get('Mail')).toEqual(running)
  expect([...stops]).toEqual([['r1', 'stopped']])
})

test('a database that has lost all of it, while nothing went on here, is read as a whole', async () => {
  const { book, fields } = await openBooks(running)
  await book.check([])
  fields.clear()
  expect((await book.check([])).pages.size).toBe(0)
})

test.each<[string, (fields: Map<string, string>) => void]>([
  ['all', (fields) => fields.clear()],
  ['what a run that goes on here has written', (fields) => void fields.delete('task:Mail')],
])('a database that has lost %s is read as a whole', async (_, lose) => {
  const { book, elsewhere, fields, asked } = await openBooks(running)
  lose(fields)
  await elsewhere.mark('r0', 'stopped')
  asked()
  const { pages, stops } = await book.check([run])
  expect(pages.has('Mail')).toBe(false)
  expect([...stops]).toEqual([['r0', 'stopped']])
  expect(asked().at(-1)).toBe('all')
})

test('a run that was asked to stop is so no more when it has ended, or somebody says so', async () => {
  const { book, elsewhere } = await openBooks(running)
  await elsewhere.mark('r1', 'stopped')
  await elsewhere.mark('r2', 'stopped')
  expect([...(await book.read()).stops.keys()]).toEqual(['r1', 'r2'])
  book.hear(ends)
  expect([...(await book.recall()).stops.keys()]).toEqual(['r2'])
  await book.unmark('r2')
  expect([...(await book.recall()).stops.keys()]).toEqual([])
})

test('of two readings at once the one that began last is believed', async () => {
  const { book, write, holdUp } = await openBooks(idle)
  await write(waiting)
  const releaseFirst = holdUp('all')
  const first = book.read()
  await new Promise(setImmediate)
  const releaseLast = holdUp('all')
  await write(running)
  const last = book.read()
  await new Promise(setImmediate)
  releaseLast()
  expect(await mailOf(last)).toEqual(running)
  releaseFirst()
  expect(await mailOf(first)).toEqual(waiting)
  expect(await mailOf(book.recall())).toEqual(running)
})

test('a page that was read too late is not believed', async () => {
  const { book, write, holdUp } = await openBooks(idle)
  await write(waiting)
  book.suspect('Mail')
  const release = holdUp('task:Mail')
  const late = book.recall()
  await write(running)
  expect(await mailOf(book.read())).toEqual(running)
  release()
  expect(await mailOf(late)).toEqual(running)
  expect(await mailOf(book.recall())).toEqual(running)
})

test('what one has set oneself is known', async () => {
  const { book } = await openBooks(idle)
  await book.change({ enabled: { Mail: false } })
  expect((await book.recall()).settings).toEqual({ enabled: { Mail: false } })
})

test('what is suspected is suspected until it has been read', async () => {
  const { book, write, holdUp } = await openBooks(idle)
  await write(running)
  book.hear(begins)
  const release = holdUp('changed: task:Mail')
  const checking = book.check([])
  expect(await mailOf(book.recall())).toEqual(running)
  release()
  await checking
})

test('who asks while all of it is being read waits for that, and does not read it once more', async () => {
  const { book, write, holdUp, asked } = await openBooks(idle)
  await write(waiting)
  book.doubt()
  asked()
  const release = holdUp('all')
  const recalls = [book.recall(), book.recall(), book.check([])]
  release()
  for (const { pages } of await Promise.all(recalls)) expect(pages.get('Mail')).toEqual(waiting)
  expect(asked()).toEqual(['all', 'changed:'])
})

test('nobody sees half a plan', async () => {
  const { book, elsewhere } = await openBooks(idle)
  const waits = (task: string, after: string[]) => ({ ...idle, job: task, waiting: { ...entry, task, after } })
  const plan = [waits('Other1', []), waits('Mail', ['Other1'])]
  book.suspect('Mail')
  await elsewhere.add(new Map(plan.map((page) => [page.waiting.task, page])))
  const { pages } = await book.recall()
  expect(['Mail', 'Other1'].map((task) => pages.get(task))).toEqual([plan[1], plan[0]])
})

test('a database that is again as it was when all was read is read again', async () => {
  const { book, write, fields } = await openBooks(running)
  const before = new Map(fields)
  await write(over)
  book.hear(ends)
  fields.clear()
  for (const [field, text] of before) fields.set(field, text)
  await book.check([])
  expect(await mailOf(book.check([]))).toEqual(running)
})

test('a run that was read to have ended before that was heard of is no longer asked to stop', async () => {
  const { book, elsewhere, write } = await openBooks(running)
  await elsewhere.mark('r1', 'stopped')
  await book.read()
  await write(over)
  book.suspect('Mail')
  await book.recall()
  book.hear(ends)
  expect([...(await book.recall()).stops.keys()]).toEqual([])
})

test('settings of which nothing was heard are found at the next check, however busy the book is', async () => {
  const { book, elsewhere, write } = await openBooks(idle)
  await elsewhere.change({ enabled: { Mail: false } })
  await write(idle, 'Other1')
  expect((await book.check([])).settings).toEqual({ enabled: { Mail: false } })
})

test('what is heard of a run while all is read is read again, also if it is known', async () => {
  const { book, write, holdUp, asked } = await openBooks(running)
  book.doubt()
  const release = holdUp('all')
  const reading = book.read()
  await write(over)
  book.hear(ends)
  book.hear(ends)
  release()
  await reading
  asked()
  expect(await mailOf(book.recall())).toEqual(over)
  expect(asked()).toEqual(['task:Mail'])
})
