import { butlerTaskNames, catalogue, catalogued } from '../lib/catalogue'
import { checkTaskName } from '../lib/task-name'

test.each([
  // name                        days  enabled  randomized
  ['BackupDatabase', 3, true, false],
  ['BuildGracenoteCollections', 7, true, true],
  ['CheckForUpdates', 1, true, true],
  ['CleanOldBundles', 7, true, false],
  ['CleanOldCacheFiles', 7, true, false],
  ['DeepMediaAnalysis', 1, true, false],
  ['GenerateAutoTags', 1, true, true],
  ['GenerateChapterThumbs', 1, true, false],
  ['GenerateMediaIndexFiles', 1, false, false],
  ['OptimizeDatabase', 7, true, false],
  ['RefreshLibraries', 1, false, true],
  ['RefreshLocalMedia', 3, true, false],
  ['RefreshPeriodicMetadata', 1, true, true],
  ['UpgradeMediaAnalysis', 1, true, false],
])('%s runs every %i days; enabled %s, randomized %s', (name, intervalDays, enabled, randomized) => {
  expect(catalogued(name)).toMatchObject({ intervalDays, enabled, randomized })
})

test('the API has 14 names, in alphabetical order', () => {
  expect(butlerTaskNames).toHaveLength(14)
  expect(butlerTaskNames).toEqual([...butlerTaskNames].sort())
  expect(butlerTaskNames).toEqual(Object.keys(catalogue))
})

test('nobody can change the names for everybody else', () => {
  expect(() => (butlerTaskNames as string[]).push('MineBitcoin')).toThrow(TypeError)
})

test.each([...butlerTaskNames])('%s can be the name of a task, and is told in words of its own', (name) => {
  const { title, description } = catalogue[name]
  expect(() => checkTaskName('task', name)).not.toThrow()
  expect(title).toMatch(/^[A-Z][a-z ]+$/)
  expect(description).toMatch(/^[A-Z].+\.$/)
})

test.each(['MineBitcoin', 'backupdatabase', 'constructor', 'toString', '__proto__', ''])(
  'the catalogue knows nothing of %p',
  (name) => {
    expect(catalogued(name)).toBeUndefined()
  },
)
