/** How many things are asked for at once. */
const PORTION = 50

/**
 * Does something with many, some at a time, and answers in their order: the last of thousands that are asked for at once would be
 * answered too late, as if the database were away.
 */
export async function inPortions<Item, Result>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += PORTION) {
    const portion = items.slice(from, from + PORTION).map((item, index) => act(item, from + index))
    results.push(...(await Promise.all(portion)))
  }
  return results
}
