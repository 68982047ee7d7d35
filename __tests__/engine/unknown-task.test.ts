import { unknownTask } from '../../lib/engine/unknown-task'

const wayOut = 'Supply it: createButler({ tasks: { BackupDb: async ({ signal }) => { … } } }).'
const many = Array.from({ length: 12 }, (_, number) => `Task${number}`)
const ten = 'Task0, Task1, Task2, Task3, Task4, Task5, Task6, Task7, Task8, Task9'

test.each<[string, unknown, string[], boolean, string, string]>([
  // what is asked for     name         there are          runs kept  code                          message
  [
    'a name that is wrong',
    'BackupDb',
    ['BackupDatabase', 'Tidy'],
    false,
    'BUTLER_TASK_NOT_IMPLEMENTED',
    `No task is called "BackupDb". There are: BackupDatabase, Tidy. ${wayOut}`,
  ],
  [
    'one of many',
    'BackupDb',
    many,
    false,
    'BUTLER_TASK_NOT_IMPLEMENTED',
    `No task is called "BackupDb". There are: ${ten} and 2 more. ${wayOut}`,
  ],
  [
    'one of none',
    'BackupDb',
    [],
    false,
    'BUTLER_TASK_NOT_IMPLEMENTED',
    `No task is called "BackupDb". There are none. ${wayOut}`,
  ],
  [
    'what cannot be a name',
    'a b',
    ['Tidy'],
    false,
    'BUTLER_TASK_NOT_IMPLEMENTED',
    'No task is called "a b". There are: Tidy. Supply it: createButler({ tasks: { MyTask: async ({ signal }) => { … } } }).',
  ],
  [
    'one whose processes have died',
    'SendDigest',
    ['Tidy'],
    true,
    'BUTLER_TASK_NOT_IMPLEMENTED',
    'SendDigest is implemented by no process that is alive; start one that has it.',
  ],
  [
    'nothing',
    undefined,
    ['Tidy'],
    false,
    'BUTLER_INVALID_OPTIONS',
    "start(name) is undefined; expected a task's name. There are: Tidy.",
  ],
  [
    'no text',
    { name: 'Tidy' },
    ['Tidy'],
    false,
    'BUTLER_INVALID_OPTIONS',
    `start(name) is {"name":"Tidy"}; expected a task's name. There are: Tidy.`,
  ],
])('a start of %s says what there is', (_, name, names, isRemembered, code, message) => {
  expect(unknownTask('start', name, names, isRemembered)).toMatchObject({ code, message })
})
