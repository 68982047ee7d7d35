import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('scale-process.mjs', import.meta.url))

/** Processes with a Butler each, on one queue. */
export async function openNodes({ processes, tasks, places, port }) {
  const opensAt = Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000
  const options = JSON.stringify({ tasks, places, port, opensAt })
  const nodes = Array.from({ length: processes }, () => fork(program, [options]))
  const ask = async (node, question) => {
    node.send(question)
    const [answer] = await once(node, 'message')
    return answer
  }
  const askAll = (question) => Promise.all(nodes.map((node) => ask(node, question)))
  const sum = (answers, figure) => answers.reduce((total, answer) => total + answer[figure], 0)
  await Promise.all(nodes.map((node) => once(node, 'message')))
  let opening = 0
  return {
    /** Moves all clocks, so that the window opens after so long. */
    async openIn(ms) {
      opening = Date.now() + ms
      await askAll({ openAt: opening })
    },

    async wakeUps() {
      return sum(await askAll({}), 'wakeUps')
    },

    /** Resolves when the window has opened and every task has run, or after so long. */
    async opened(longestMs) {
      await pause(Math.max(0, opening - Date.now()))
      let answers
      do {
        await pause(250)
        answers = await askAll({})
      } while (sum(answers, 'runs') < tasks && Date.now() - opening < longestMs)
      const seconds = (Math.max(...answers.map(({ lastRunAt }) => lastRunAt)) - opening) / 1_000
      await pause(1_000) // What was told of the last ones is heard everywhere.
      return { runs: sum(answers, 'runs'), seconds, stallMs: Math.max(...answers.map(({ stallMs }) => stallMs)) }
    },

    async close() {
      for (const node of nodes) node.kill('SIGKILL')
      await Promise.all(nodes.map((node) => node.exitCode ?? node.signalCode ?? once(node, 'exit')))
    },
  }
}
