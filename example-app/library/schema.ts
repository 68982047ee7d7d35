/**
 * The library database, one step for each version of the schema; `PRAGMA user_version` counts the steps taken.
 * Steps are only ever added: somebody's library has taken the earlier ones.
 */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE item (
    id         INTEGER PRIMARY KEY,
    path       TEXT NOT NULL UNIQUE,  -- below the media folder, with '/'
    kind       TEXT NOT NULL,         -- video, music or photo
    size       INTEGER NOT NULL,
    mtime_ms   INTEGER NOT NULL,
    title      TEXT NOT NULL,
    artist     TEXT,
    album      TEXT,
    duration_s REAL,
    width      INTEGER,
    height     INTEGER,
    problem    TEXT                   -- why it cannot be used; NULL when it can
  );

  -- What DeepMediaAnalysis measured. Fresh while version, size and mtime_ms are today's.
  CREATE TABLE analysis (
    item_id  INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
    version  INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    mtime_ms INTEGER NOT NULL,
    measures TEXT NOT NULL            -- JSON
  );

  -- Bundles whose item is no longer in the library. Instants in milliseconds since 1970.
  CREATE TABLE departure (
    bundle         TEXT PRIMARY KEY,
    path           TEXT,              -- of the item; NULL when nobody remembers
    left_at        INTEGER NOT NULL,
    quarantined_at INTEGER
  );

  CREATE VIRTUAL TABLE item_search USING fts5 (title, artist, album, path);

  ANALYZE;                            -- makes the table of statistics
  `,
  `
  -- What a task found in a file, or made from it. Fresh while version, size and mtime_ms are today's.
  CREATE TABLE finding (
    item_id  INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
    task     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    mtime_ms INTEGER NOT NULL,
    found    TEXT NOT NULL,           -- JSON
    PRIMARY KEY (item_id, task)
  );
  INSERT INTO finding SELECT item_id, 'DeepMediaAnalysis', version, size, mtime_ms, measures FROM analysis;
  DROP TABLE analysis;
  `,
  `
  -- What version 2 of the probe keeps besides. NULL, and version 1, until UpgradeMediaAnalysis or the next scan has looked.
  ALTER TABLE item ADD COLUMN probe_version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE item ADD COLUMN container   TEXT;
  ALTER TABLE item ADD COLUMN video_codec TEXT;
  ALTER TABLE item ADD COLUMN audio_codec TEXT;
  ALTER TABLE item ADD COLUMN bit_rate    INTEGER;  -- of the whole file, in bits per second
  ALTER TABLE item ADD COLUMN frame_rate  REAL;     -- pictures per second
  ALTER TABLE item ADD COLUMN channels    INTEGER;
  ALTER TABLE item ADD COLUMN chapters    INTEGER;
  `,
  `
  -- The automatic collections of music, as BuildGracenoteCollections makes them.
  CREATE TABLE collection (
    id    INTEGER PRIMARY KEY,
    kind  TEXT NOT NULL,              -- artist, decade, genre or mood
    key   TEXT NOT NULL,              -- the same for all spellings of a name
    title TEXT NOT NULL,
    UNIQUE (kind, key)
  );
  CREATE TABLE collection_item (
    collection_id INTEGER NOT NULL REFERENCES collection ON DELETE CASCADE,
    item_id       INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
    PRIMARY KEY (collection_id, item_id)
  ) WITHOUT ROWID;
  CREATE INDEX collections_of_item ON collection_item (item_id);
  `,
  `
  -- What RefreshLocalMedia found beside the media, and in them. Fresh while size and mtime_ms are the file's.
  CREATE TABLE local_asset (
    item_id  INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
    path     TEXT NOT NULL,            -- below the media folder; the item's own for what is embedded
    role     TEXT NOT NULL,            -- poster, fanart, thumb, banner, logo, cover, artist, nfo, subtitle, lyrics, embedded
    size     INTEGER NOT NULL,
    mtime_ms INTEGER NOT NULL,
    language TEXT,                     -- of subtitles, such as pt-BR
    forced   INTEGER NOT NULL,
    sdh      INTEGER NOT NULL,
    copy     TEXT,                     -- in the item's bundle; NULL: stays where it is, or, embedded, there is none
    nfo      TEXT,                     -- JSON: what a .nfo says
    PRIMARY KEY (item_id, path, role)
  );
  `,
  `
  -- Artists and shows, and what RefreshPeriodicMetadata knows of them. Instants in milliseconds since 1970.
  CREATE TABLE subject (
    kind         TEXT NOT NULL,        -- artist or show
    name         TEXT NOT NULL,
    tried_at     INTEGER,              -- NULL: never
    refreshed_at INTEGER,              -- NULL: never
    failures     INTEGER NOT NULL DEFAULT 0,  -- since it was last refreshed
    retry_at     INTEGER,              -- after a failure: not before
    metadata     TEXT,                 -- JSON
    PRIMARY KEY (kind, name)
  );

  -- Providers of metadata that did not answer: not to be asked before retry_at.
  CREATE TABLE silent_provider (
    name     TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    retry_at INTEGER NOT NULL
  );
  `,
  `
  -- What GenerateAutoTags found out about photos.
  CREATE TABLE photo_tag (
    item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
    source  TEXT NOT NULL,            -- exif or measured
    kind    TEXT NOT NULL,            -- camera, lens, date, season, place; colour, light, shape
    name    TEXT NOT NULL,
    PRIMARY KEY (item_id, source, kind, name)
  ) WITHOUT ROWID;
  CREATE INDEX photos_of_tag ON photo_tag (kind, name);
  `,
  `
  CREATE INDEX item_artist ON item (artist);
  `,
]
