/** TypeScript by ts-jest; types are gated by `npm run typecheck`, so the suites only transpile. */
const transform = { '^.+\\.ts$': ['ts-jest', { tsconfig: { isolatedModules: true, verbatimModuleSyntax: false } }] }

const suite = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  transform,
  testEnvironment: 'node',
  ...more,
})

module.exports = {
  projects: [
    suite('express 5', ['<rootDir>/__tests__/**/*.test.ts']),
    suite('express 4', ['<rootDir>/__tests__/http/**/*.test.ts'], { moduleNameMapper: { '^express$': 'express4' } }),
  ],
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageThreshold: { global: { branches: 95 } },
}
