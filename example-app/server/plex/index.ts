export { keepMachineIdentifier } from './identity'
export { mediaServerRouter } from './router'
