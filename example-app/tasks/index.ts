import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { afterFirstScan } from './after-first-scan'
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
  const scanned = (run: TaskFunction) => afterFirstScan(library, run)
  return {
    BackupDatabase: scanned(backupDatabase(library)),
    BuildGracenoteCollections: scanned(buildGracenoteCollections(library)),
    CheckForUpdates: scanned(checkForUpdates(library)),
    CleanOldBundles: scanned(cleanOldBundles(library)),
    CleanOldCacheFiles: scanned(cleanOldCacheFiles(library)),
    DeepMediaAnalysis: scanned(deepMediaAnalysis(library)),
    GenerateAutoTags: scanned(generateAutoTags(library)),
    GenerateChapterThumbs: scanned(generateChapterThumbs(library)),
    GenerateMediaIndexFiles: scanned(generateMediaIndexFiles(library)),
    OptimizeDatabase: { run: scanned(optimizeDatabase(library)), after: ['BackupDatabase' as const] },
    RefreshLibraries: refreshLibraries(library),
    RefreshLocalMedia: scanned(refreshLocalMedia(library)),
    RefreshPeriodicMetadata: scanned(refreshPeriodicMetadata(library)),
    UpgradeMediaAnalysis: scanned(upgradeMediaAnalysis(library)),
  }
}
