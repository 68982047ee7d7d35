/** What the catalogue knows of a task: defaults for whoever implements it. */
export interface CatalogueEntry {
  title: string
  description: string
  intervalDays: number
  enabled: boolean
  randomized: boolean
}

/** The 14 tasks of the Butler API, in alphabetical order, with the intervals and switches of a media server. */
export const catalogue = {
  BackupDatabase: {
    title: 'Back up the database',
    description: 'Keeps a verified copy of the library database beside the newest earlier ones.',
    intervalDays: 3,
    enabled: true,
    randomized: false,
  },
  BuildGracenoteCollections: {
    title: 'Build music collections',
    description: 'Rebuilds automatic collections from the tags inside the music files. No service is asked.',
    intervalDays: 7,
    enabled: true,
    randomized: true,
  },
  CheckForUpdates: {
    title: 'Check for updates',
    description: 'Asks whether a newer version has been published. Never installs anything.',
    intervalDays: 1,
    enabled: true,
    randomized: true,
  },
  CleanOldBundles: {
    title: 'Remove old bundles',
    description: 'Removes metadata bundles of items that left the library long enough ago.',
    intervalDays: 7,
    enabled: true,
    randomized: false,
  },
  CleanOldCacheFiles: {
    title: 'Remove old cache files',
    description: 'Removes files from the cache that have not been used for a month.',
    intervalDays: 7,
    enabled: true,
    randomized: false,
  },
  DeepMediaAnalysis: {
    title: 'Analyse media in depth',
    description: 'Measures peak bit rates, key frames, loudness, and black and silent stretches of new media.',
    intervalDays: 1,
    enabled: true,
    randomized: false,
  },
  GenerateAutoTags: {
    title: 'Tag photos',
    description: 'Tags photos by what their EXIF data say and what can be measured in the picture.',
    intervalDays: 1,
    enabled: true,
    randomized: true,
  },
  GenerateChapterThumbs: {
    title: 'Make chapter thumbnails',
    description: 'Makes a picture for every chapter of a video.',
    intervalDays: 1,
    enabled: true,
    randomized: false,
  },
  GenerateMediaIndexFiles: {
    title: 'Make preview indexes',
    description: 'Makes index files of small pictures for fast scrubbing through a video.',
    intervalDays: 1,
    enabled: false,
    randomized: false,
  },
  OptimizeDatabase: {
    title: 'Optimise the database',
    description: 'Refreshes statistics, compacts the library database and shortens its log.',
    intervalDays: 7,
    enabled: true,
    randomized: false,
  },
  RefreshLibraries: {
    title: 'Scan the libraries',
    description: 'Looks for media that were added, changed or removed.',
    intervalDays: 1,
    enabled: false,
    randomized: true,
  },
  RefreshLocalMedia: {
    title: 'Refresh local metadata',
    description: 'Reads posters, subtitles and other files that lie beside the media.',
    intervalDays: 3,
    enabled: true,
    randomized: false,
  },
  RefreshPeriodicMetadata: {
    title: 'Refresh metadata periodically',
    description: 'Each day refreshes the metadata of those artists and shows that have waited longest.',
    intervalDays: 1,
    enabled: true,
    randomized: true,
  },
  UpgradeMediaAnalysis: {
    title: 'Upgrade media analysis',
    description: 'Analyses again what an older version of the analysis has looked at.',
    intervalDays: 1,
    enabled: true,
    randomized: false,
  },
} as const satisfies Record<string, CatalogueEntry>

/** One of the 14 names of the API. */
export type ButlerTaskName = keyof typeof catalogue

/** The 14 names of the API, in alphabetical order. */
export const butlerTaskNames: readonly ButlerTaskName[] = Object.freeze(Object.keys(catalogue) as ButlerTaskName[])

/** The catalogue's entry of a name, or `undefined` for a name of the host's own. */
export function catalogued(name: string): CatalogueEntry | undefined {
  return Object.hasOwn(catalogue, name) ? catalogue[name as ButlerTaskName] : undefined
}
