import express, { type Request, type Response } from 'express'
import { sendTree, type Tree } from '../../lib/http/tree'
import { send } from '../helpers/http'
import { elementsIn } from '../helpers/xml'

const hostOf = (tree: Tree) => express().get('/', (req, res) => sendTree(req, res, tree))

const xml = { accept: 'application/xml' }

test('says the same in both formats, by the rule of the task list', async () => {
  const tree = {
    MediaContainer: {
      size: 2,
      on: true,
      off: false,
      none: null,
      Item: [{ id: 'a', count: 0 }, { id: 'b' }],
      One: { x: '' },
    },
  }
  const json = await send(hostOf(tree), 'GET /')
  expect(JSON.parse(json.body)).toEqual(tree)
  expect(json.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', vary: 'Accept' })
  const other = await send(hostOf(tree), 'GET /?X-Plex-Token=t')
  expect(other.headers).toMatchObject({ 'content-type': 'application/xml; charset=utf-8', vary: 'Accept' })
  expect(elementsIn(other.body)).toEqual([
    { name: 'MediaContainer', attributes: { size: '2', on: '1', off: '0' } },
    { name: 'Item', attributes: { id: 'a', count: '0' } },
    { name: 'Item', attributes: { id: 'b' } },
    { name: 'One', attributes: { x: '' } },
  ])
})

test('an empty list leaves nothing in XML', async () => {
  const { body } = await send(hostOf({ MediaContainer: { size: 0, Item: [] } }), 'GET /', xml)
  expect(elementsIn(body)).toEqual([{ name: 'MediaContainer', attributes: { size: '0' } }])
})

test.each([
  ['a "quoted" <tag> & more', 'a "quoted" <tag> & more'],
  ['tab\tline\nend', 'tab\tline\nend'],
  ['nothing\u0000 bell\u0007', 'nothing\uFFFD bell\uFFFD'],
  ['half of \uD83E a pair', 'half of \uFFFD a pair'],
  ['🧹', '🧹'],
])('XML is well-formed whatever a text holds: %j', async (text, read) => {
  const { body } = await send(hostOf({ Root: { text } }), 'GET /', xml)
  expect(elementsIn(body)).toEqual([{ name: 'Root', attributes: { text: read } }])
})

test.each([
  ['two roots', { One: {}, Two: {} }, 'expected one member'],
  ['no root', {}, 'expected one member'],
  ['a root that is no object', { One: 1 }, 'expected one member'],
  ['a list of roots', { One: [{}] }, 'expected one member'],
  ['a name that would break out of its element', { One: { 'x="1" y': 'z' } }, 'a name in tree.One is'],
  ['a number that is none', { One: { Two: [{ x: Number.NaN }] } }, 'tree.One.Two.x is NaN'],
])('%s is refused in either format, before anything is sent', (_, tree, message) => {
  const res = {} as Response
  expect(() => sendTree({ headers: {}, url: '/' } as Request, res, tree as Tree)).toThrow(message)
})

test('what JSON cannot hold goes to the host’s error handler, and nothing has been sent', async () => {
  const circle: Record<string, Tree> = {}
  circle.circle = circle
  expect(await send(hostOf(circle), 'GET /')).toMatchObject({ status: 500 })
})
