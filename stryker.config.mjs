import jestConfig from './jest.config.js'

const [express5] = jestConfig.projects

/** Tests that look at the source itself, and tests that take long or run in processes of their own, where no mutant lives. */
const leftOut = [
  'architecture.test.ts',
  'consumers.test.ts',
  'readme.test.ts',
  'butler-process.test.ts',
  'butler-year.test.ts',
  'engine/file-store-kill.test.ts',
  'engine/file-store-processes.test.ts',
  'engine/window-properties.test.ts',
]

export default {
  mutate: ['lib/engine/**/*.ts', 'lib/http/**/*.ts'],
  testRunner: 'jest',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // What is worked out while a file is loaded would need all tests for each mutant.
  ignoreStatic: true,
  // A mutant that nobody wakes any more should not take long to be found.
  timeoutMS: 3_000,
  // So that a second run looks only at what has changed: `reports/stryker-incremental.json`.
  incremental: true,
  ignorePatterns: ['dist', 'coverage', 'bench', 'example-app', 'reports'],
  jest: {
    config: {
      ...express5,
      projects: undefined,
      testTimeout: 3_000,
      testPathIgnorePatterns: ['/node_modules/', ...leftOut.map((path) => `/__tests__/${path}$`)],
    },
  },
  reporters: ['clear-text', 'progress', 'html'],
  htmlReporter: { fileName: 'reports/mutation.html' },
  allowEmpty: false,
}
