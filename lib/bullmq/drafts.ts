import type { Page, Pages } from './page'

/** A page of a plan, as its node tells it. */
export interface Planned {
  task: string
  page: Page
}

/** What comes after the last page of a plan. */
export interface Added {
  /** The book's edition before the plan, and with it. */
  from: string | null
  to: string
  /** How many pages it has. */
  count: number
}

/** What other nodes have added to the book, page by page, until all of it has been told. */
export class Drafts {
  readonly #pages = new Map<string, Map<string, Page>>()

  take(node: string, { task, page }: Planned): void {
    const pages = this.#pages.get(node) ?? new Map<string, Page>()
    this.#pages.set(node, pages.set(task, page))
  }

  /** All pages of a plan; `null`: some have not come. */
  end(node: string, { count }: Added): Pages | null {
    const pages = this.#pages.get(node)
    this.#pages.delete(node)
    return pages?.size === count ? pages : null
  }

  /** All that has been told so far is known otherwise. */
  clear(): void {
    this.#pages.clear()
  }
}
