import { setImmediate as turn } from 'node:timers/promises'

/**
 * Replaces the clock and the timers of this process. Time runs as it does, so that files take as long as they take; but while
 * nobody does anything, it jumps to the next timer, which is called on time: that shows who falls short of a beat by a hair.
 */
export function simulateTime() {
  const realTime = { date: Date.now.bind(Date), uptime: performance.now.bind(performance) }
  const waiting = new Set()
  let jumped = 0

  Date.now = () => Math.floor(realTime.date() + jumped)
  performance.now = () => realTime.uptime() + jumped
  globalThis.setTimeout = (callback, ms = 1, ...args) => {
    const timer = { at: performance.now() + Math.max(1, Math.trunc(ms)), call: () => callback(...args) }
    waiting.add(timer)
    return Object.assign(timer, { unref: () => timer, ref: () => timer, hasRef: () => false })
  }
  globalThis.clearTimeout = (timer) => waiting.delete(timer)
  globalThis.setInterval = (callback, ms = 1, ...args) => {
    const again = () => {
      waiting.add(Object.assign(timer, { at: performance.now() + Math.max(1, Math.trunc(ms)) }))
      callback(...args)
    }
    const timer = setTimeout(again, ms)
    return timer
  }
  globalThis.clearInterval = globalThis.clearTimeout

  return {
    /** Lets time pass, and resolves with how many timers called back. */
    async pass(ms) {
      const end = performance.now() + ms
      let calls = 0
      for (;;) {
        await quiet()
        const next = [...waiting].sort((one, other) => one.at - other.at)[0]
        if (!next || next.at > end) break
        jumped += Math.max(0, next.at - performance.now())
        waiting.delete(next)
        next.call()
        calls += 1
      }
      jumped += Math.max(0, end - performance.now())
      return calls
    },
  }
}

/** Resolves when nothing is going on but waiting. */
async function quiet() {
  do await turn()
  while (process.getActiveResourcesInfo().some((resource) => /^(FSReq|CloseReq)/.test(resource)))
}
