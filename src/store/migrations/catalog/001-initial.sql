-- The catalog of a bench: which runs there are and where. The run files are the truth; this is their index.
-- Wall times are ms since 1970 UTC.

PRAGMA application_id = 1196838467; -- 'GVNC'

CREATE TABLE cell (
  id                INTEGER PRIMARY KEY,
  sample_id         TEXT UNIQUE, -- the operator's own name; NULL: a cell nobody named
  area_cm2          REAL NOT NULL,
  working_electrode TEXT,
  counter_electrode TEXT,
  electrolyte       TEXT,
  separator         TEXT,
  operator          TEXT,
  notes             TEXT
) STRICT;

CREATE TABLE run (
  run              TEXT PRIMARY KEY, -- ULID: sorts by time of creation
  path             TEXT NOT NULL,    -- of its run.db, below the data folder
  created_wall_ms  INTEGER NOT NULL,
  protocol         TEXT NOT NULL,
  protocol_version INTEGER NOT NULL,
  cell             INTEGER NOT NULL REFERENCES cell (id),
  cycler           TEXT NOT NULL,
  channel          INTEGER NOT NULL,
  is_simulated     INTEGER NOT NULL CHECK (is_simulated IN (0, 1)),
  time_scale       REAL NOT NULL,
  state            TEXT NOT NULL,
  reason           TEXT NOT NULL,
  verdict          TEXT,
  since_wall_ms    INTEGER NOT NULL, -- when it came to this state
  is_sealed        INTEGER NOT NULL DEFAULT 0 CHECK (is_sealed IN (0, 1))
) STRICT, WITHOUT ROWID;

-- The last run of each channel that was ever used.
CREATE TABLE channel (
  cycler  TEXT NOT NULL,
  channel INTEGER NOT NULL,
  run     TEXT NOT NULL REFERENCES run (run),
  PRIMARY KEY (cycler, channel)
) STRICT, WITHOUT ROWID;
