/** The programs that npm brings. */
const shipped = /[\\/]@ff(mpeg|probe)-installer[\\/]/

/**
 * What a program finds in its environment. Those that npm brings are linked with a libc of their own, which would load the system's
 * conversions between character sets into itself, and end with SIGSEGV where the system's libc is another one. Where they find none,
 * what a broadcast calls its channels stays as it is.
 */
export function environmentOf(file: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return shipped.test(file) ? { ...env, GCONV_PATH: '/nonexistent' } : env
}
