/** Something that whoever runs the server can mend. Shown as it is, without a stack. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
}
