-- The hash chain over the samples. A block holds the numbers seq0 .. seq0 + 4095 and is stored in the transaction that
-- completes it; the last one, which may be shorter, when the run is sealed. Missing numbers (see `gap`) have no line, and
-- a block of which every number is missing has no row. sha256 of these lines, joined by line feeds:
--   [seq0,n,"prev_sha256"]                        of the block
--   [seq,t_us,v_nv,i_pa,q_nc,step,flags]          of each of its samples, in order
-- as any sqlite3 writes them:
--   sqlite3 -readonly run.db 'select json_array(seq0, n, prev_sha256) from block where seq0 = 1;
--     select json_array(seq, t_us, v_nv, i_pa, q_nc, step, flags) from sample where seq between 1 and 4096 order by seq' |
--     head -c -1 | sha256sum

CREATE TABLE block (
  seq0        INTEGER PRIMARY KEY CHECK ((seq0 - 1) % 4096 = 0), -- its first number
  n           INTEGER NOT NULL CHECK (n BETWEEN 1 AND 4096),     -- samples in it
  sha256      TEXT NOT NULL,
  prev_sha256 TEXT NOT NULL  -- of the block before; 64 zeros in the first
) STRICT;

-- From here on `seal` has a row for every table but itself (sha256 of: json_array of all columns in order of the schema, BLOBs
-- as hex(), one line a row, in order of the primary key, joined by line feeds), and two more:
--   (head)  sha256 of the other rows, a line `table n sha256` each, in order of the table; n: their number
--   (file)  sha256 of the whole file with the 64 digits of this very value read as zeros; n: 1
--   D=$(sqlite3 -readonly run.db "select sha256 from seal where \"table\" = '(file)'")
--   LC_ALL=C sed "s/$D/$(printf %064d 0)/" run.db | sha256sum
