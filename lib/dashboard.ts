export type { Right } from './dashboard/doors'
export type { ButlerDashboardOptions } from './dashboard/options'
export { createButlerDashboard } from './dashboard/router'
