import { SaxesParser } from 'saxes'

export interface Element {
  name: string
  attributes: Record<string, string>
}

/** The elements of a document in order, as a strict parser of somebody else’s reads them. Throws when it is not well-formed. */
export function elementsIn(xml: string): Element[] {
  const elements: Element[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => elements.push({ name, attributes }))
  parser.on('text', (text) => expect(text.trim()).toBe(''))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return elements
}
