-- What a step was asked for where step_log has no column for it: a row for each step of mode cv (constant voltage), sweep
-- or eis, and none for steps of the modes rest and cc. The content hash covers it where it has a row.

CREATE TABLE step_mode (
  step        INTEGER PRIMARY KEY, -- number of the step, see step_log
  setpoint_nv INTEGER,             -- voltage asked for, nV: held (cv), at the start (sweep), the bias (eis); NULL: eis under a current
  mode        TEXT NOT NULL CHECK (json_valid(mode)) -- all that was asked for; units are in the names
) STRICT;
