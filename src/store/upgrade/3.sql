-- What the wearer says about a bend, a lift or a signal is kept.
CREATE TABLE answers (
    id              INTEGER PRIMARY KEY,
    at_utc_ns       INTEGER NOT NULL,
    about           TEXT    NOT NULL CHECK (about IN ('bend', 'possible_lift', 'signal')),
    moment_utc_ns   INTEGER NOT NULL,
    answer          TEXT    NOT NULL CHECK (answer IN ('yes', 'no', 'helpful', 'not_helpful'))
) STRICT;
-- Renewing signals beyond day 14 keeps the reason.
ALTER TABLE episodes ADD COLUMN renewed_because TEXT;
-- A plan grows from a day that editing it can set anew.
ALTER TABLE plan_items ADD COLUMN start_date TEXT;
-- What was done says when, where its count is from, why it ended, and what was planned.
ALTER TABLE exercise_logs ADD COLUMN start_utc_ns INTEGER;
ALTER TABLE exercise_logs ADD COLUMN end_utc_ns INTEGER;
ALTER TABLE exercise_logs ADD COLUMN recording INTEGER REFERENCES recordings (key) ON DELETE SET NULL;
ALTER TABLE exercise_logs ADD COLUMN count_source TEXT CHECK (count_source IN ('auto', 'corrected', 'manual'));
ALTER TABLE exercise_logs ADD COLUMN stop_reason TEXT CHECK (stop_reason IN ('done', 'pain', 'tired', 'other'));
ALTER TABLE exercise_logs ADD COLUMN effort INTEGER CHECK (effort BETWEEN 0 AND 10);
ALTER TABLE exercise_logs ADD COLUMN side TEXT CHECK (side IN ('left', 'right'));
ALTER TABLE exercise_logs ADD COLUMN steps INTEGER;
ALTER TABLE exercise_logs ADD COLUMN steady_share REAL;
ALTER TABLE exercise_logs ADD COLUMN planned_sets INTEGER;
ALTER TABLE exercise_logs ADD COLUMN planned_reps INTEGER;
ALTER TABLE exercise_logs ADD COLUMN planned_lasting_s REAL;
UPDATE exercise_logs SET count_source = CASE counted WHEN 1 THEN 'auto' ELSE 'manual' END;
