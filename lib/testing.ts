export { type FakeClock, fakeClock } from './testing/fake-clock'
export { type ContractCase, type ContractSubject, registryContract } from './testing/registry-contract'
