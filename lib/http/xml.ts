import XMLBuilder from 'fast-xml-builder'

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

function asReference(character: string): string {
  return `&#${character.charCodeAt(0)};`
}
