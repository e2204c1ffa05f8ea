-- What went over the ports of the instrument, for `galvanode replay`: frames of this channel and of its link, and what
-- the host told the channel, with the host's time. Empty where it was not recorded. No part of the content hash.
-- Each row holds lines, one JSON array an entry, joined by line feeds:
--   [ms, "kind", "text"]       ms: monotonic clock of the host; a 1 behind it: of the second port of the instrument
--   cycler    dialect and how its driver was set up        opened, refused, closed    of a port
--   sent, heard   one frame: latin1; gvn1 without numbers, checksums and token
--   started, ordered   what the run was told: its start, a stop      restarted   another daemon process goes on
--   late      the host was held up since this ms           left-out   so many entries found no room in memory
-- zlib where that is shorter; either way any sqlite3 shell prints them:
--   sqlite3 -readonly run.db 'select sqlar_uncompress(body, size) from wire order by id'

CREATE TABLE wire (
  id   INTEGER PRIMARY KEY,
  n    INTEGER NOT NULL CHECK (n > 0),    -- lines
  size INTEGER NOT NULL CHECK (size > 0), -- bytes of the plain text; where body is as long, it is plain
  body BLOB NOT NULL
) STRICT;
