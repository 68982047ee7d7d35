import type { Directory } from './tiff'

/** Some bytes of a file. */
export interface Piece {
  at: number
  length: number
}

export interface Size {
  width: number
  height: number
}

/** What is found in a raw file, whoever made the camera. */
export interface Parts {
  /** Of the photo as a whole; `undefined`: it is said nowhere but in the preview. */
  main: Directory | undefined
  exif: Directory | undefined
  gps: Directory | undefined
  /** JPEGs beside what the sensor saw. */
  previews: readonly Piece[]
  /** Whether the file begins with a picture that any reader of TIFF can show. */
  hasThumbnail: boolean
  /** Sizes that something in the file says it has, not turned. */
  sizes: readonly Size[]
  /** Where the last of all pictures ends: a file that ends before is cut off. */
  end: number
}
