-- Points of spectra, as a step of mode eis brings them. No part of the content hash.

CREATE TABLE impedance (
  id      INTEGER PRIMARY KEY,
  step    INTEGER NOT NULL, -- number of the step, see step_log
  t_us    INTEGER NOT NULL, -- device time since the start of the run, us
  f_mhz   INTEGER NOT NULL, -- frequency, millihertz
  re_uohm INTEGER NOT NULL, -- real part, microohm
  im_uohm INTEGER NOT NULL  -- imaginary part, microohm; capacitive is negative
) STRICT;

-- The same in Hz and ohm.
CREATE VIEW spectra AS
SELECT id, step, t_us / 1e6 AS time_s, f_mhz / 1e3 AS frequency_Hz, re_uohm / 1e6 AS real_ohm,
  im_uohm / 1e6 AS imaginary_ohm
FROM impedance;
