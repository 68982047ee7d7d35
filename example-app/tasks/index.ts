import type { Library } from '../library/library'
import { backupDatabase } from './BackupDatabase'
import { buildGracenoteCollections } from './BuildGracenoteCollections'
import { checkForUpdates } from './CheckForUpdates'
import { cleanOldBundles } from './CleanOldBundles'
import { cleanOldCacheFiles } from './CleanOldCacheFiles'
import { deepMediaAnalysis } from './DeepMediaAnalysis'
import { generateAutoTags } from './GenerateAutoTags'
import { generateChapterThumbs } from './GenerateChapterThumbs'
import { generateMediaIndexFiles } from './GenerateMediaIndexFiles'
import { optimizeDatabase } from './OptimizeDatabase'
import { refreshLibraries } from './RefreshLibraries'
import { refreshLocalMedia } from './RefreshLocalMedia'
import { refreshPeriodicMetadata } from './RefreshPeriodicMetadata'
import { upgradeMediaAnalysis } from './UpgradeMediaAnalysis'

/** The media server's housekeeping. Titles, descriptions and intervals come from the catalogue. */
export function mediaTasks(library: Library) {
  return {
    BackupDatabase: backupDatabase(library),
    BuildGracenoteCollections: buildGracenoteCollections(library),
    CheckForUpdates: checkForUpdates(library),
    CleanOldBundles: cleanOldBundles(library),
    CleanOldCacheFiles: cleanOldCacheFiles(library),
    DeepMediaAnalysis: deepMediaAnalysis(library),
    GenerateAutoTags: generateAutoTags(library),
    GenerateChapterThumbs: generateChapterThumbs(library),
    GenerateMediaIndexFiles: generateMediaIndexFiles(library),
    OptimizeDatabase: { run: optimizeDatabase(library), after: ['BackupDatabase' as const] },
    RefreshLibraries: refreshLibraries(library),
    RefreshLocalMedia: refreshLocalMedia(library),
    RefreshPeriodicMetadata: refreshPeriodicMetadata(library),
    UpgradeMediaAnalysis: upgradeMediaAnalysis(library),
  }
}
