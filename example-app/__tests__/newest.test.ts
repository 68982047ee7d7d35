import { newest } from '../updates/newest'

describe('which version is offered', () => {
  test.each([
    // runs, of these tags, is offered
    ['1.2.0', { latest: '1.2.0' }, null],
    ['1.2.0', { latest: '1.2.1' }, '1.2.1'],
    ['1.9.0', { latest: '1.10.0' }, '1.10.0'],
    ['2.0.0', { latest: '1.9.9' }, null],
    ['1.2.0', { latest: '1.2.0+rebuilt' }, null],
    ['1.2.0', { latest: '1.2.0', next: '2.0.0-beta.1' }, null],
    ['1.2.0', { latest: '2.0.0-beta.1' }, null],
    ['1.2.0', { latest: '1.2.0', old: '9.0.0' }, null],
    ['2.0.0-beta.1', { latest: '1.2.0', next: '2.0.0-beta.1' }, null],
    ['2.0.0-beta.2', { latest: '1.2.0', next: '2.0.0-beta.10' }, '2.0.0-beta.10'],
    ['2.0.0-beta.2', { latest: '2.0.0', next: '3.0.0-alpha.1' }, '2.0.0'],
    ['2.0.0-beta.2', { latest: '1.2.0' }, null],
    ['2.0.0-beta.2', { next: '2.0.0-beta.3' }, '2.0.0-beta.3'],
  ])('to %s, of %j: %s', (current, tags, offered) => {
    expect(newest(current, tags)).toBe(offered)
  })
})
