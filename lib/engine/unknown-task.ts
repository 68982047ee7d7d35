import { ButlerError, shown } from '../errors'

/** More names than this are counted instead of told. */
const MOST_TOLD = 10

/** What is said to a call that names a task which no live process implements. `isRemembered`: one did, and runs of it are kept. */
export function unknownTask(call: string, name: unknown, names: readonly string[], isRemembered: boolean): ButlerError {
  if (typeof name !== 'string') {
    const message = `${call}(name) is ${shown(name)}; expected a task's name. ${thereAre(names)}`
    return new ButlerError('BUTLER_INVALID_OPTIONS', message)
  }
  if (isRemembered) {
    const message = `${name} is implemented by no process that is alive; start one that has it.`
    return new ButlerError('BUTLER_TASK_NOT_IMPLEMENTED', message)
  }
  const wayOut = `Supply it: createButler({ tasks: { ${/^\w{1,64}$/.test(name) ? name : 'MyTask'}: async ({ signal }) => { … } } }).`
  const message = `No task is called ${shown(name)}. ${thereAre(names)} ${wayOut}`
  return new ButlerError('BUTLER_TASK_NOT_IMPLEMENTED', message)
}

function thereAre(names: readonly string[]): string {
  if (names.length === 0) return 'There are none.'
  const untold = names.length - MOST_TOLD
  return `There are: ${names.slice(0, MOST_TOLD).join(', ')}${untold > 0 ? ` and ${untold} more` : ''}.`
}
