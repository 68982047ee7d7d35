/** A view of hills. */
export interface View {
  sky: { top: Colour; bottom: Colour }
  /** From the back to the front. */
  hills: readonly [Colour, Colour, Colour]
  /** The sun, or the moon. */
  light: { colour: Colour; x: number; y: number; radius: number }
}

/** Each from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

/** What a view is drawn on, in pixels. */
export const WIDTH = 320
export const HEIGHT = 180
/** How far down the sky reaches, and how far its light. */
const SKY = 125
const SHINE = 150

/** Where the hills end and the sky begins, from the back to the front: a height, and waves of such heights and lengths on it. */
const ridges = [
  {
    y: 112,
    waves: [
      { height: 10, length: 31, phase: 0 },
      { height: 7, length: 13, phase: 2 },
    ],
  },
  {
    y: 136,
    waves: [
      { height: 13, length: 47, phase: 1 },
      { height: 4, length: 9, phase: 0 },
    ],
  },
  { y: 158, waves: [{ height: 9, length: 38, phase: 4 }] },
]

export const morning: View = {
  sky: { top: [70, 90, 160], bottom: [255, 190, 130] },
  hills: [
    [150, 110, 140],
    [105, 80, 120],
    [62, 52, 86],
  ],
  light: { colour: [255, 236, 190], x: 95, y: 96, radius: 15 },
}
export const noon: View = {
  sky: { top: [58, 140, 222], bottom: [190, 228, 250] },
  hills: [
    [126, 178, 150],
    [88, 152, 96],
    [52, 116, 66],
  ],
  light: { colour: [255, 252, 225], x: 170, y: 42, radius: 14 },
}
export const night: View = {
  sky: { top: [24, 30, 72], bottom: [62, 72, 128] },
  hills: [
    [44, 52, 100],
    [34, 40, 80],
    [26, 30, 62],
  ],
  light: { colour: [240, 240, 225], x: 236, y: 46, radius: 12 },
}
export const dusk: View = {
  sky: { top: [66, 44, 104], bottom: [240, 110, 90] },
  hills: [
    [130, 62, 92],
    [92, 46, 80],
    [54, 32, 60],
  ],
  light: { colour: [255, 196, 120], x: 200, y: 102, radius: 18 },
}
export const dawn: View = {
  sky: { top: [120, 150, 190], bottom: [250, 214, 200] },
  hills: [
    [170, 160, 180],
    [128, 132, 160],
    [84, 96, 126],
  ],
  light: { colour: [255, 240, 224], x: 130, y: 92, radius: 13 },
}
export const heath: View = {
  sky: { top: [96, 110, 190], bottom: [236, 196, 226] },
  hills: [
    [176, 136, 190],
    [142, 98, 166],
    [96, 64, 128],
  ],
  light: { colour: [255, 236, 246], x: 150, y: 84, radius: 13 },
}
export const snow: View = {
  sky: { top: [150, 178, 208], bottom: [236, 240, 246] },
  hills: [
    [206, 216, 232],
    [222, 230, 240],
    [244, 247, 251],
  ],
  light: { colour: [255, 255, 255], x: 70, y: 50, radius: 12 },
}
export const wood: View = {
  sky: { top: [120, 170, 170], bottom: [224, 236, 206] },
  hills: [
    [120, 164, 130],
    [74, 128, 98],
    [38, 88, 70],
  ],
  light: { colour: [255, 255, 232], x: 250, y: 60, radius: 13 },
}

/** A view as a picture that ffmpeg calculates. */
export function filterOf({ sky, hills, light }: View): string {
  const part = (at: 0 | 1 | 2) => {
    const distance = `hypot(X-${light.x},Y-${light.y})`
    const air = `(${sky.top[at]}+${sky.bottom[at] - sky.top[at]}*min(1,Y/${SKY}))`
    const shine = `min(1,0.7*pow(max(0,1-${distance}/${SHINE}),2)+max(0,min(1,${light.radius}-${distance})))`
    const heaven = `${air}+(${light.colour[at]}-${air})*${shine}`
    return hills.reduce((behind, hill, index) => `if(gt(Y,${formulas[index]}),${hill[at]},${behind})`, heaven)
  }
  return `format=gbrp,geq=r='${part(0)}':g='${part(1)}':b='${part(2)}',format=yuv420p`
}

const formulas = ridges.map(({ y, waves }) =>
  [y, ...waves.map(({ height, length, phase }) => `${height}*sin(X/${length}+${phase})`)].join('+'),
)

/** A view as a drawing, as large as a picture is to be; what does not fit its shape is cut off at the sides. */
export function drawingOf({ sky, hills, light }: View, width: number, height: number): string {
  const stop = (offset: number, colour: Colour, opacity = 1) =>
    `<stop offset="${offset}" stop-color="rgb(${colour})" stop-opacity="${opacity}"/>`
  const air = `<linearGradient id="air" x2="0" y2="${SKY / HEIGHT}">${stop(0, sky.top)}${stop(1, sky.bottom)}</linearGradient>`
  const shine = `<radialGradient id="shine">${stop(0, light.colour, 0.7)}${stop(1, light.colour, 0)}</radialGradient>`
  const round = (radius: number, fill: string) =>
    `<circle cx="${light.x}" cy="${light.y}" r="${radius}" fill="${fill}"/>`
  const heaven = `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#air)"/>${round(SHINE, 'url(#shine)')}`
  const land = hills.map((hill, index) => `<polygon points="${outlines[index]}" fill="rgb(${hill})"/>`)
  const size = `width="${width}" height="${height}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="xMidYMid slice"`
  const drawn = `<defs>${air}${shine}</defs>${heaven}${round(light.radius, `rgb(${light.colour})`)}${land.join('')}`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${drawn}</svg>`
}

const outlines = ridges.map(({ y, waves }) => {
  const ridge = Array.from({ length: WIDTH + 1 }, (_, x) => {
    const raised = waves.reduce((sum, { height, length, phase }) => sum + height * Math.sin(x / length + phase), y)
    return `${x},${raised.toFixed(1)}`
  })
  return [...ridge, `${WIDTH},${HEIGHT}`, `0,${HEIGHT}`].join(' ')
})
