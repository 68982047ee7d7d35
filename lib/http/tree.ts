import type { Request, Response } from 'express'
import { prefersXml } from './negotiation'
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
  send(req, res, { json: () => JSON.stringify(tree), xml: () => toXmlDocument(tree) })
}

/** Sends one of two texts that say the same. What writing it throws is thrown before anything is sent. */
export function send(req: Request, res: Response, { json, xml }: { json(): string; xml(): string }): void {
  const isXml = prefersXml(req)
  const body = isXml ? xml() : json()
  if (res.headersSent) return
  res
    .vary('Accept')
    .set('Cache-Control', 'no-cache')
    .type(isXml ? 'application/xml' : 'application/json')
    .send(body)
}
