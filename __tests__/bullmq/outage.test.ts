import { Outage } from '../../lib/bullmq/outage'

/** `x`: it fails, `o`: it works. Answers what is told after each. */
function toldAfter(steps: string): string[] {
  const told: string[] = []
  const outage = new Outage({ began: (err) => void told.push(`began: ${err}`), ended: () => void told.push('ended') })
  for (const [place, step] of [...steps].entries()) {
    if (step === 'x') outage.failed(place)
    else outage.worked()
  }
  return told
}

test.each([
  ['what always works', 'ooo', []],
  ['what fails again and again', 'xxx', ['began: 0']],
  ['what works again', 'xxoo', ['began: 0', 'ended']],
  ['what fails once more', 'oxxoxo', ['began: 1', 'ended', 'began: 4', 'ended']],
])('of %s each outage is told once', (_, steps, told) => {
  expect(toldAfter(steps)).toEqual(told)
})
