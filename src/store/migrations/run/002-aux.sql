-- Values from beside the cell: temperatures of the instrument or of a bath, and markers. No part of the content hash.

CREATE TABLE aux (
  id             INTEGER PRIMARY KEY,
  t_us           INTEGER NOT NULL, -- device time since the start of the run at which it was heard, us
  error_us       INTEGER NOT NULL, -- bound of the error of t_us, without the delay of the input itself, us
  name           TEXT NOT NULL,    -- of the input in the configuration, or of the instrument's own sensor
  kind           TEXT NOT NULL CHECK (kind IN ('temperature', 'marker')),
  temperature_uk INTEGER,          -- microkelvin
  text           TEXT,             -- of a marker
  CHECK ((kind = 'temperature') = (temperature_uk IS NOT NULL)),
  CHECK ((kind = 'marker') = (text IS NOT NULL))
) STRICT;

-- The temperatures as a thermometer shows them.
CREATE VIEW temperatures AS
SELECT id, t_us / 1e6 AS time_s, name, temperature_uk / 1e6 - 273.15 AS temperature_degC
FROM aux WHERE kind = 'temperature';
