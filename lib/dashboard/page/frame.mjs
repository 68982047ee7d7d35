/** Something to be done in the next frame, once, however often it is asked for until then. @param {() => void} draw */
export function oncePerFrame(draw) {
  let isAwaited = false
  return () => {
    if (isAwaited) return
    isAwaited = true
    requestAnimationFrame(() => {
      isAwaited = false
      draw()
    })
  }
}
