/** Something that whoever starts the server can mend. Shown as it is, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
