/** TypeScript by ts-jest; types are gated by `npm run typecheck`, so the suites only transpile. */
const transform = { '^.+\\.ts$': ['ts-jest', { tsconfig: { isolatedModules: true, verbatimModuleSyntax: false } }] }

/** The package by its own name is what stands in `lib`, so no test depends on when `dist` was built. */
const ownName = {
  '^express-butler$': '<rootDir>/lib/index.ts',
  '^express-butler/bullmq$': '<rootDir>/lib/bullmq.ts',
  '^express-butler/dashboard$': '<rootDir>/lib/dashboard.ts',
  '^express-butler/metrics$': '<rootDir>/lib/metrics.ts',
  '^express-butler/opentelemetry$': '<rootDir>/lib/opentelemetry.ts',
  '^express-butler/testing$': '<rootDir>/lib/testing.ts',
}

const suite = (displayName, testMatch, moduleNameMapper = {}) => ({
  displayName,
  testMatch,
  transform,
  testEnvironment: 'node',
  // The operator's page as it is shipped.
  globalSetup: '<rootDir>/lib/dashboard/build-page.mjs',
  modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
  moduleNameMapper: { ...ownName, ...moduleNameMapper },
})

module.exports = {
  // Most of a suite's time is spent on waiting for processes of its own.
  maxWorkers: '100%',
  projects: [
    suite('express 5', ['<rootDir>/__tests__/**/*.test.ts']),
    suite('example', ['<rootDir>/example-app/__tests__/**/*.test.ts']),
    suite('express 4', ['<rootDir>/__tests__/{http,dashboard}/**/*.test.ts'], { '^express$': 'express4' }),
  ],
  collectCoverageFrom: ['lib/**/*.ts'],
  // Most of what the shared queue does, it does in child processes, which Jest does not count: killed, stopped, cut off.
  coverageThreshold: { global: { branches: 95 }, './lib/bullmq/': { branches: 65 } },
}
