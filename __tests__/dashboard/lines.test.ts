import { hasRoom } from '../../lib/dashboard/stream'

const lines = (operators: number, viewers: number) => [
  ...Array(operators).fill({ mayOperate: true }),
  ...Array(viewers).fill({ mayOperate: false }),
]

test.each([
  // operators  viewers  who comes   gets a line
  [0, 0, 'viewer', true],
  [0, 899, 'viewer', true],
  [0, 900, 'viewer', false],
  [0, 900, 'operator', true],
  [99, 900, 'operator', true],
  [100, 900, 'operator', false],
  [999, 0, 'viewer', true],
  [1_000, 0, 'viewer', false],
  [1_000, 0, 'operator', false],
])('beside the lines of %i operators and %i viewers, another %s gets one: %s', (operators, viewers, who, gets) => {
  expect(hasRoom(lines(operators, viewers), who === 'operator')).toBe(gets)
})
