/** What libvips says where another thread has just taken its words away. */
const WORDLESS = 'Unknown error'

/**
 * That a picture is damaged, and how, by the first thing that was complained of. libvips keeps the complaints of all threads in one
 * place: of two pictures that are damaged at the same time, one may get none, or those of the other.
 */
export function damaged(complaint: string): string {
  const [first = ''] = complaint.split('\n')
  return first === WORDLESS ? 'its picture is damaged' : `its picture is damaged: ${first}`
}
