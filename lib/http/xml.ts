import XMLBuilder from 'fast-xml-builder'
import type { Tree } from './tree'

/** What XML 1.0 cannot hold, not even escaped: control characters, lone surrogates, U+FFFE and U+FFFF. */
const illegal = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** What a parser makes a space of in an attribute, and the return a line feed everywhere, unless they are references. */
const folded = /[\t\n\r]/g

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  attributesGroupName: '$',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  format: false,
})

/** A tree of elements as well-formed XML, whatever its texts hold. Attributes are under `$`; illegal characters become U+FFFD. */
export function toXml(tree: object): string {
  return builder.build(tree).replace(illegal, '\uFFFD').replace(folded, asReference)
}

/** A tree as a whole document: what is no object is an attribute, booleans are 1 and 0, and what is null is left out. */
export function toXmlDocument(tree: Tree): string {
  return toXml({ '?xml': { $: { version: '1.0', encoding: 'UTF-8' } }, ...toElement(tree) })
}

function toElement(tree: Tree): object {
  const there = Object.entries(tree).filter(([, value]) => value != null)
  const attributes = there.filter(([, value]) => typeof value !== 'object')
  const elements = there.filter(([, value]) => typeof value === 'object') as [string, Tree | readonly Tree[]][]
  return {
    $: Object.fromEntries(attributes.map(([name, value]) => [name, typeof value === 'boolean' ? +value : value])),
    ...Object.fromEntries(elements.map(([name, value]) => [name, [value].flat().map(toElement)])),
  }
}

function asReference(character: string): string {
  return `&#${character.charCodeAt(0)};`
}
