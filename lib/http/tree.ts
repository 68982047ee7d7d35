import type { Request, Response } from 'express'
import { expectThat } from '../options'
import { send } from './negotiation'
import { toXmlDocument } from './xml'

/** Something that JSON and XML can both say: what is no object and no list becomes an attribute, all else becomes elements. */
export interface Tree {
  readonly [member: string]: string | number | boolean | null | undefined | Tree | readonly Tree[]
}

/**
 * Answers with a tree as JSON, or as XML to whoever prefers that, by the very rule of `GET /butler`: for what clients of a media
 * server ask for beside the Butler. In XML the one member of `tree` is the root, booleans are 1 and 0, and what is null is left out.
 */
export function sendTree(req: Request, res: Response, tree: Tree): void {
  checkTree(tree)
  send(req, res, { json: () => JSON.stringify(tree), xml: () => toXmlDocument(tree) })
}

const elementName = /^[A-Za-z_][\w.-]*$/

/** Refuses what XML cannot say, also when JSON was asked for, so that a mistake shows to whoever makes it first. */
function checkTree(tree: Tree): void {
  const roots = Object.values(tree).filter((value) => value != null)
  const isOneRoot = roots.length === 1 && typeof roots[0] === 'object' && !Array.isArray(roots[0])
  expectThat(isOneRoot, 'sendTree(req, res, tree)', tree, 'one member, an object: the root element')
  checkMembersOf(tree, 'tree')
}

function checkMembersOf(tree: Tree, at: string): void {
  for (const [name, value] of Object.entries(tree)) {
    expectThat(
      elementName.test(name),
      `sendTree(req, res, tree): a name in ${at}`,
      name,
      'a letter, then letters, digits, "_", "." or "-"',
    )
    const isNumber = typeof value !== 'number' || Number.isFinite(value)
    expectThat(isNumber, `sendTree(req, res, tree): ${at}.${name}`, value, 'a finite number')
    if (typeof value !== 'object' || value === null) continue
    for (const element of [value].flat()) checkMembersOf(element as Tree, `${at}.${name}`)
  }
}
