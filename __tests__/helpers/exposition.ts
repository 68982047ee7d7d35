import parse from 'parse-prometheus-text-format'
import type { Registry } from 'prom-client'

/** One metric as a scraper reads it. */
export interface Family {
  name: string
  help: string
  type: 'COUNTER' | 'GAUGE' | 'HISTOGRAM'
  metrics: { value?: string; labels?: Record<string, string> }[]
}

/** What a scrape finds, read by a parser that is not of those who wrote it. */
export async function scrape(register: Pick<Registry, 'metrics'>): Promise<Map<string, Family>> {
  const families: Family[] = parse(await register.metrics())
  return new Map(families.map((family) => [family.name, family]))
}

/** The value of one series; `undefined`: there is none. */
export async function seriesOf(
  register: Pick<Registry, 'metrics'>,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const { metrics = [] } = (await scrape(register)).get(name) ?? {}
  const wanted = JSON.stringify(Object.entries(labels).sort())
  const found = metrics.filter(({ labels: own = {} }) => JSON.stringify(Object.entries(own).sort()) === wanted)
  expect(found.length).toBeLessThan(2)
  const value = found[0]?.value
  return value === undefined ? undefined : Number(value)
}

/** The lines of one task in a histogram; the parser above takes the histograms of all tasks for one. */
export async function histogramOf(register: Pick<Registry, 'metrics'>, name: string, task: string) {
  const text = await register.metrics()
  const lines = [...text.matchAll(/^(\w+)_(bucket|sum|count)\{(.*)\} (\S+)$/gm)]
  const own = lines.filter(([, family, , labels]) => family === name && labels?.includes(`task="${task}"`))
  return Object.fromEntries(
    own.map(([, , part, labels, value]) => [/le="([^"]+)"/.exec(labels as string)?.[1] ?? part, Number(value)]),
  )
}
