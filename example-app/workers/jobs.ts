/** What the worker threads can do: each export is a job, called by its name. Inputs and results are copied on their way. */
export { peakBitRates } from '../media/bit-rate'
export { isBlack } from '../media/black'
export { readMusicTags } from '../media/music-tags'
export { readNfo } from '../media/nfo'
export { probePhoto } from '../media/photo'
export { checkPicture } from '../media/picture-check'
export { probeRaw } from '../media/raw/raw-photo'
export { tagPhoto } from '../media/tag-photo'
