export { type FakeClock, fakeClock } from './testing/fake-clock'
export { type ContractCase, registryContract } from './testing/registry-contract'
