import { expectThat } from '../options'

/** Origins whose pages may act, checked and copied. Throws `BUTLER_INVALID_OPTIONS`. */
export function readOrigins(origins: readonly string[]): ReadonlySet<string> {
  expectThat(
    Array.isArray(origins),
    'options.allowedOrigins',
    origins,
    'an array such as ["https://admin.example.com"]',
  )
  for (const [index, origin] of origins.entries()) {
    const subject = `options.allowedOrigins[${index}]`
    const wayOut = 'the origins by name: "*" would let every site on the internet start your tasks'
    expectThat((origin as unknown) !== '*', subject, origin, wayOut)
    expectThat(
      isOrigin(origin),
      subject,
      origin,
      'an origin, scheme and host without a path, such as "https://admin.example.com"',
    )
  }
  return new Set(origins)
}

function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && text !== 'null' && URL.canParse(text) && new URL(text).origin === text
}
