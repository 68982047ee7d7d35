/** The code of an error, such as `SQLITE_BUSY` or `ENOENT`; empty where there is none. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '')
}
