-- How far each run's file has been acknowledged, noted after the fact: the file may hold more, never less. What it holds less
-- was lost by the disk. Written without waiting for the disk, so after a power cut it may be some commits old.

CREATE TABLE head (
  run      TEXT PRIMARY KEY REFERENCES run (run),
  commits  INTEGER NOT NULL, -- transactions stored
  next_seq INTEGER NOT NULL, -- every number below it was stored or lay in a gap
  sha256   TEXT              -- of a sealed run: its row (head) in `seal`; of an open one: its last whole block, NULL before
) STRICT, WITHOUT ROWID;
