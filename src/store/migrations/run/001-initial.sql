-- A run database: one run of one cell, complete in itself. Readable with the stock `sqlite3 -readonly` at any time.
-- All quantities are integers in base units: us, nV, pA, nC. The view `samples` gives seconds, volts, amperes, ampere-hours.
-- Sign: current > 0 oxidises (strips) the working electrode, current < 0 plates it; charge has the sign of its current.

PRAGMA application_id = 1196838482; -- 'GVNR'

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value)) -- always JSON, plain words included
) STRICT, WITHOUT ROWID;

CREATE TABLE sample (
  seq   INTEGER PRIMARY KEY, -- the run's own number: 1, 2, 3 ...; a missing number lies in `gap`
  t_us  INTEGER NOT NULL,    -- device time since the start of the run, us; never goes back
  v_nv  INTEGER,             -- voltage, working electrode against the other, nV
  i_pa  INTEGER,             -- current, pA; > 0 strips the working electrode
  q_nc  INTEGER,             -- net charge of the run on the device's counter, nC; sign as the current
  step  INTEGER NOT NULL,    -- number of the step, see step_log
  flags INTEGER NOT NULL     -- bits as the dialect defines them, see meta 'instrument'
) STRICT;

CREATE TABLE step_log (
  step               INTEGER PRIMARY KEY, -- counts steps as executed; never repeats
  program_step       TEXT NOT NULL,       -- name in the protocol, e.g. plating; repeats
  phase              TEXT NOT NULL,       -- ocv, contact, wetting, conditioning, cycling, rest
  cycle              INTEGER NOT NULL,    -- 0 outside the main cycles
  half               TEXT CHECK (half IN ('plate', 'strip')),
  completes_cycle    INTEGER NOT NULL CHECK (completes_cycle IN (0, 1)),
  mode               TEXT NOT NULL,       -- rest (cell open), cc (constant current)
  setpoint_pa        INTEGER,             -- current asked for, pA; NULL where the mode has none
  duration_max_us    INTEGER NOT NULL,    -- no step is without a bound
  limits             TEXT NOT NULL CHECK (json_valid(limits)), -- other ends of the step; units are in the names
  record             TEXT NOT NULL CHECK (json_valid(record)), -- when a sample is recorded; edges always are
  allows_look_ahead  INTEGER NOT NULL CHECK (allows_look_ahead IN (0, 1)),
  start_us           INTEGER NOT NULL,
  start_q_nc         INTEGER NOT NULL,    -- net charge at the start, nC
  first_seq          INTEGER NOT NULL,    -- number of its first sample
  end_us             INTEGER,             -- NULL while it runs, and so the next four
  end_q_nc           INTEGER,
  charge_nc          INTEGER,             -- charge of this step, nC; sign as the current
  last_seq           INTEGER,
  reason             TEXT,                -- why it ended
  end_v_nv           INTEGER,
  end_i_pa           INTEGER
) STRICT;

CREATE TABLE half_cycle (
  number         INTEGER PRIMARY KEY,
  cycle          INTEGER NOT NULL,
  phase          TEXT NOT NULL,
  half           TEXT NOT NULL CHECK (half IN ('plate', 'strip')),
  step           INTEGER NOT NULL,
  start_us       INTEGER NOT NULL,
  end_us         INTEGER NOT NULL,
  charge_nc      INTEGER NOT NULL CHECK (charge_nc >= 0), -- magnitude on the device's counter, nC
  end_q_nc       INTEGER NOT NULL,                        -- net charge of the run at its end, nC
  reason         TEXT NOT NULL,
  plateau_nv     INTEGER, -- median of V*sgn(I) over 40-60 % of the charge, nV
  tip_nv         INTEGER, -- largest V*sgn(I) in the first 10 % of the charge, nV
  end_nv         INTEGER, -- V*sgn(I) at the end, nV
  is_interrupted INTEGER NOT NULL CHECK (is_interrupted IN (0, 1)) -- 1: left out of means and baselines
) STRICT;

CREATE TABLE event (
  id     INTEGER PRIMARY KEY,
  t_us   INTEGER, -- device time, us; NULL where it is not known
  kind   TEXT NOT NULL,
  detail TEXT NOT NULL CHECK (json_valid(detail)) -- no wall times, no identifiers: it is part of the content hash
) STRICT;

-- Journal: the intent is stored before its bytes are sent. result NULL: nobody knows yet, ask the device.
CREATE TABLE command (
  number  INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  tree    TEXT CHECK (json_valid(tree)), -- the whole look-ahead tree of a load
  result  TEXT
) STRICT;

-- One row: how far this file is, and where the run stands (body: JSON, by `version`).
CREATE TABLE checkpoint (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  commits  INTEGER NOT NULL, -- transactions stored so far
  next_seq INTEGER NOT NULL, -- every number below it is stored or lies in `gap`
  state    TEXT NOT NULL,    -- run state: idle, running, resting, paused, ... done, stopped, failed
  reason   TEXT NOT NULL,
  verdict  TEXT,
  version  INTEGER,
  step     INTEGER,
  body     TEXT CHECK (json_valid(body))
) STRICT;
INSERT INTO checkpoint (id, commits, next_seq, state, reason) VALUES (1, 0, 1, 'idle', 'created');

-- The only place where device time meets wall time.
CREATE TABLE clock_sync (
  id       INTEGER PRIMARY KEY,
  t_us     INTEGER NOT NULL, -- device time, us
  wall_ms  INTEGER NOT NULL, -- ms since 1970 UTC
  source   TEXT NOT NULL,
  error_us INTEGER NOT NULL  -- bound of the error, us
) STRICT;

-- Extremes for plots: level 1, 2, 3 = 64, 4096, 262144 numbers a bucket; bucket = (seq - 1) / size; complete ones only.
CREATE TABLE rollup (
  level  INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  n      INTEGER NOT NULL, -- samples in it; less than its size beside a gap
  t0     INTEGER NOT NULL, -- first and last device time, us
  t1     INTEGER NOT NULL,
  vmin   INTEGER,          -- nV
  vmax   INTEGER,
  imin   INTEGER,          -- pA
  imax   INTEGER,
  PRIMARY KEY (level, bucket)
) STRICT, WITHOUT ROWID;

-- Recorded absences: these numbers never arrived.
CREATE TABLE gap (
  first_seq INTEGER PRIMARY KEY,
  count     INTEGER NOT NULL CHECK (count > 0),
  reason    TEXT NOT NULL
) STRICT;

-- Written once, when the run is closed for good. sha256 of: one JSON array per row, in order of the first column of the
-- primary key, joined by line feeds; columns as in meta 'seal_columns'.
CREATE TABLE seal (
  "table" TEXT PRIMARY KEY,
  n       INTEGER NOT NULL,
  sha256  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The samples in SI units.
CREATE VIEW samples AS
SELECT
  sample.seq,
  sample.t_us / 1e6    AS time_s,
  sample.v_nv / 1e9    AS voltage_V,
  sample.i_pa / 1e12   AS current_A,
  sample.q_nc / 3.6e12 AS charge_Ah,
  sample.step,
  step_log.cycle
FROM sample LEFT JOIN step_log ON step_log.step = sample.step;
