export type { ButlerDashboardOptions, Right } from './dashboard/options'
export { createButlerDashboard } from './dashboard/router'
