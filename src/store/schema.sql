-- The facts of lumbard: everything but raw samples, which live in raw/<UTC date>.db.
--
-- Times: `*_ns` of a recording's facts count from that recording's first sample; `*_utc_ns` count from
-- 1970-01-01T00:00:00Z without leap seconds; `*_date` are local calendar days written YYYY-MM-DD.
-- `decided_ns` says how much of the recording had been read when a fact was decided.
-- Words (kinds, postures, causes) are those of the files that `analyze` writes.
-- Tables whose first line says "by hand" keep the old value of every change in `hand_changes`.

-- A calibration, never changed: a new one is a new row.
CREATE TABLE calibrations (
    id              INTEGER PRIMARY KEY,            -- row number
    at_utc_ns       INTEGER NOT NULL,               -- when it was made
    placement       TEXT    NOT NULL,               -- L1, L3, L5_S1, unknown
    body_q_w        REAL    NOT NULL,               -- body_from_sensor as a unit quaternion
    body_q_x        REAL    NOT NULL,               -- vector part, x
    body_q_y        REAL    NOT NULL,               -- vector part, y
    body_q_z        REAL    NOT NULL,               -- vector part, z
    gyr_bias_x_dps  REAL,                           -- rotation rate at rest, sensor axes; NULL without gyroscope
    gyr_bias_y_dps  REAL,                           -- the same about y
    gyr_bias_z_dps  REAL,                           -- the same about z
    quality         TEXT    NOT NULL,               -- JSON object of quality numbers, units in the keys
    sensor          TEXT,                           -- sensors.uid; NULL for a file
    firmware        TEXT,                           -- as the sensor told it
    method          TEXT    NOT NULL                -- name and version of the method
) STRICT;
CREATE TRIGGER calibrations_never_change BEFORE UPDATE ON calibrations
BEGIN
    SELECT RAISE(ABORT, 'a calibration is never changed; make a new one');
END;

-- One stretch of samples of one source in one format.
CREATE TABLE recordings (
    key                 INTEGER PRIMARY KEY,        -- row number, used by the tables below
    uid                 TEXT    NOT NULL UNIQUE,    -- random, shown to people; a prefix that fits one is enough
    name                TEXT    NOT NULL,           -- short name for lists
    source              TEXT    NOT NULL,           -- ble, replay, simulate, import
    start_utc_ns        INTEGER NOT NULL,           -- when its first sample was taken
    zone                TEXT    NOT NULL,           -- the wearer's time zone, IANA name
    placement           TEXT    NOT NULL,           -- L1, L3, L5_S1, unknown
    calibration         INTEGER REFERENCES calibrations (id), -- mounting in use; NULL while none is known
    acc_encoding        TEXT    NOT NULL,           -- counts, nanos, float32, float64
    acc_full_scale      REAL,                       -- counts: value at acc_full_count, in acc_unit
    acc_full_count      REAL,                       -- counts: count that means acc_full_scale
    acc_unit            TEXT    NOT NULL,           -- g, m/s^2
    gyr_encoding        TEXT,                       -- as acc_encoding; NULL without gyroscope
    gyr_full_scale      REAL,                       -- as acc_full_scale, in gyr_unit
    gyr_full_count      REAL,                       -- as acc_full_count
    gyr_unit            TEXT,                       -- deg/s, rad/s
    nominal_rate_hz     REAL    NOT NULL,           -- what the source claims
    tick_s              REAL,                       -- one tick of the sensor's clock; NULL without clock
    state               TEXT    NOT NULL DEFAULT 'open' -- open: samples are coming; ended in order; cut: the program ended first
                        CHECK (state IN ('open', 'ended', 'cut')), -- cut: the program ended before the recording did
    end_ns              INTEGER,                    -- its last sample; NULL while open or without samples
    samples             INTEGER NOT NULL DEFAULT 0  -- how many are stored; brought up to date when it ends
) STRICT;
CREATE INDEX recordings_by_start ON recordings (start_utc_ns);

-- Raw day files: what should lie in raw/.
CREATE TABLE raw_days (
    date            TEXT    PRIMARY KEY,            -- UTC date of the file name
    closed_utc_ns   INTEGER,                        -- NULL while samples may still be added
    bytes           INTEGER,                        -- file size when closed
    samples         INTEGER,                        -- samples inside when closed
    sha256          TEXT                            -- of the closed file, hexadecimal
) STRICT;

-- Holes in a recording. Nothing is ever filled in.
CREATE TABLE gaps (
    id          INTEGER PRIMARY KEY,                -- row number
    recording   INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    from_ns     INTEGER NOT NULL,                   -- last sample before the hole
    to_ns       INTEGER NOT NULL,                   -- as far as the hole is known to reach
    lost        INTEGER NOT NULL,                   -- samples that should have come
    cause       TEXT    NOT NULL                    -- loss, disconnected, away, sensor_reset, suspended, recorded, not_stored
) STRICT;
CREATE INDEX gaps_by_time ON gaps (recording, from_ns);

-- Fixed stretches of time, summed up. NULL: too few usable samples, or not known.
CREATE TABLE epochs (
    id                  INTEGER PRIMARY KEY,        -- row number
    recording           INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    start_ns            INTEGER NOT NULL,           -- multiple of its duration
    duration_s          REAL    NOT NULL,           -- length in seconds
    valid_share         REAL    NOT NULL,           -- 0 to 1, samples that came and were usable
    mad_mg              REAL,                       -- mean amplitude deviation of |a|
    enmo_mg             REAL,                       -- mean of max(|a| - 1 g, 0)
    steps               INTEGER NOT NULL,           -- steps inside, as far as decided then
    cadence_spm         REAL,                       -- steps a minute of the walking inside
    posture             TEXT    NOT NULL,           -- the one that filled most of it
    sitting_probability REAL,                       -- 0 to 1
    tea_p50_deg         REAL,                       -- median trunk-equivalent angle
    tea_p95_deg         REAL,
    over_30_s           REAL    NOT NULL,           -- time at or beyond 30 deg
    over_45_s           REAL    NOT NULL,
    over_60_s           REAL    NOT NULL,
    decided_ns          INTEGER NOT NULL            -- its end
) STRICT;
CREATE INDEX epochs_by_time ON epochs (recording, start_ns);

-- Things that happened. NULL: does not apply to the kind.
CREATE TABLE events (
    id              INTEGER PRIMARY KEY,            -- row number
    recording       INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    kind            TEXT    NOT NULL,               -- bend, possible_lift, walking_bout, ...
    start_ns        INTEGER NOT NULL,               -- when it began, from the first sample
    end_ns          INTEGER NOT NULL,               -- when it ended, from the first sample
    decided_ns      INTEGER NOT NULL,               -- how much of the recording had been read then
    peak_tea_deg    REAL,                           -- largest trunk-equivalent angle
    peak_side_deg   REAL,                           -- largest side bend, right positive
    peak_down_dps   REAL,                           -- fastest bending down
    peak_up_dps     REAL,                           -- fastest coming up
    over_30_s       REAL,
    over_45_s       REAL,
    over_60_s       REAL,
    steps           INTEGER,                        -- of a walking bout
    cadence_spm     REAL,                           -- steps a minute of a walking bout
    angle_deg       REAL,                           -- turned, or of a repetition
    exercise        TEXT,                           -- id in data/exercises.toml
    style           TEXT,                           -- knees_bent, knees_straight, W1 to W4
    confidence      REAL,                           -- 0 to 1
    flags           INTEGER NOT NULL                -- bits of signal::Flags
) STRICT;
CREATE INDEX events_by_time ON events (recording, start_ns);

-- Single steps.
CREATE TABLE steps (
    id          INTEGER PRIMARY KEY,                -- row number
    recording   INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    t_ns        INTEGER NOT NULL,                   -- when the foot touched the ground, from the first sample
    bout        INTEGER NOT NULL,                   -- number of the walking bout, from 0 in each recording
    decided_ns  INTEGER NOT NULL                    -- how much of the recording had been read then
) STRICT;
CREATE INDEX steps_by_time ON steps (recording, t_ns);

-- Stretches of one posture, [start, end), without holes or overlaps inside a recording.
CREATE TABLE postures (
    id          INTEGER PRIMARY KEY,                -- row number
    recording   INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    start_ns    INTEGER NOT NULL,                   -- when it began, from the first sample
    end_ns      INTEGER NOT NULL,                   -- when it ended, from the first sample
    posture     TEXT    NOT NULL,                   -- word of the posture column of analyze
    lying_side  TEXT,                               -- back, left, right, front; NULL when not lying
    decided_ns  INTEGER NOT NULL                    -- how much of the recording had been read then
) STRICT;
CREATE INDEX postures_by_time ON postures (recording, start_ns);

-- Warnings given, and warnings not given with the reason.
CREATE TABLE signals (
    id          INTEGER PRIMARY KEY,                -- row number
    recording   INTEGER REFERENCES recordings (key) ON DELETE CASCADE, -- NULL when nothing is recorded
    at_utc_ns   INTEGER NOT NULL,                   -- when it was decided
    rule        TEXT    NOT NULL,                   -- W1 to W4, nudge, ...
    value       REAL,                               -- what was measured, in unit
    threshold   REAL,                               -- the limit it was held against, in unit
    unit        TEXT,                               -- deg, s, count
    ratio       REAL,                               -- value to threshold; 1 is the line
    sent        INTEGER NOT NULL CHECK (sent IN (0, 1)), -- 1: people were told, 0: withheld
    reason      TEXT,                               -- why it was withheld; NULL when sent
    text        TEXT,                               -- what people saw
    channels    TEXT    NOT NULL DEFAULT '[]'       -- JSON list of {channel, delivered, detail, delay_s}
) STRICT;
CREATE INDEX signals_by_time ON signals (at_utc_ns);

-- Times of back pain. By hand.
CREATE TABLE episodes (
    id              INTEGER PRIMARY KEY,            -- row number
    onset_date      TEXT    NOT NULL,               -- local day on which it began; day number 0
    sudden          INTEGER CHECK (sudden IN (0, 1)),       -- 0: gradual; NULL: not answered
    pattern         TEXT    NOT NULL,               -- first, recurrence, flare_of_chronic
    nprs            INTEGER CHECK (nprs BETWEEN 0 AND 10),  -- pain at the start; NULL: not answered
    zone            TEXT    NOT NULL,               -- IANA name at the start
    started_utc_ns  INTEGER NOT NULL,               -- when it was entered
    red_flags       TEXT    NOT NULL DEFAULT '[]',  -- JSON list of ids answered yes at the start
    cleared_utc_ns  INTEGER,                        -- the wearer said a professional has seen the red flags
    acute_until_date TEXT,                          -- first local day without acute mode; NULL: never on
    ended_utc_ns    INTEGER,                        -- NULL while it lasts
    end_reason      TEXT,                           -- recovered, entered_by_mistake, ...
    renewed_because TEXT                            -- the wearer's words, where signals were renewed beyond day 14
) STRICT;

-- Daily check-ins. By hand.
CREATE TABLE check_ins (
    id              INTEGER PRIMARY KEY,            -- row number
    episode         INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE, -- episodes.id
    at_utc_ns       INTEGER NOT NULL,               -- when it was entered
    local_date      TEXT    NOT NULL,               -- the day it speaks of
    nprs_now        INTEGER CHECK (nprs_now BETWEEN 0 AND 10), -- NULL: not answered
    nprs_worst_24h  INTEGER CHECK (nprs_worst_24h BETWEEN 0 AND 10),
    back_to_normal  TEXT    CHECK (back_to_normal IN ('yes', 'partly', 'no')), -- back to normal activities; NULL: not answered
    sleep           TEXT    CHECK (sleep IN ('good', 'fair', 'poor')), -- NULL: not answered
    better          INTEGER CHECK (better IN (0, 1)),       -- the wearer's own word
    red_flags       TEXT                            -- JSON list of ids answered yes; NULL: not asked
) STRICT;
CREATE INDEX check_ins_by_day ON check_ins (episode, local_date);

-- What is prescribed. By hand; lumbard proposes no doses.
CREATE TABLE plan_items (
    id              INTEGER PRIMARY KEY,            -- row number
    exercise        TEXT    NOT NULL,               -- id in data/exercises.toml
    sets            INTEGER,                        -- sets a day; NULL: not told
    reps            INTEGER,                        -- in each set, for a walk its steps; NULL when it goes by time
    lasting_s       REAL,                           -- of each set; NULL when it goes by repetitions
    days_per_week   INTEGER NOT NULL CHECK (days_per_week BETWEEN 1 AND 7), -- on how many days a week it is meant to be done
    start_value     REAL,                           -- first target of a growing plan: count or seconds of each set
    ceiling         REAL,                           -- it grows no further
    weekly_step     REAL,                           -- growth a week
    entered_by      TEXT    NOT NULL,               -- wearer, physiotherapist
    from_date       TEXT    NOT NULL,               -- first local day
    until_date      TEXT,                           -- first local day on which it no longer holds; NULL: open
    note            TEXT,                           -- free words of whoever entered it
    created_utc_ns  INTEGER NOT NULL,               -- when it was entered
    start_date      TEXT                            -- local day from which it grows; NULL: from_date
) STRICT;

-- What was done. By hand, or from an exercise session.
CREATE TABLE exercise_logs (
    id              INTEGER PRIMARY KEY,            -- row number
    plan_item       INTEGER REFERENCES plan_items (id) ON DELETE SET NULL, -- plan_items.id it belongs to; NULL: none
    exercise        TEXT    NOT NULL,               -- id in data/exercises.toml
    local_date      TEXT    NOT NULL,               -- the day it counts for
    at_utc_ns       INTEGER NOT NULL,               -- when it was done, or entered
    sets            INTEGER,                        -- sets done; NULL: not told
    reps            INTEGER,                        -- in all
    lasting_s       REAL,                           -- in all
    counted         INTEGER NOT NULL DEFAULT 0 CHECK (counted IN (0, 1)), -- 1: by the sensor and not corrected
    nprs_before     INTEGER CHECK (nprs_before BETWEEN 0 AND 10), -- pain before it
    nprs_after      INTEGER CHECK (nprs_after BETWEEN 0 AND 10),  -- pain after it
    note            TEXT,                           -- free words of whoever entered it
    start_utc_ns    INTEGER,                        -- when a set was opened; NULL for what was told afterwards
    end_utc_ns      INTEGER,                        -- when it was ended; NULL while it goes on
    recording       INTEGER REFERENCES recordings (key) ON DELETE SET NULL, -- the one that was open
    count_source    TEXT                            -- auto: by the sensor; corrected: then by the wearer; manual: told
                    CHECK (count_source IN ('auto', 'corrected', 'manual')),
    stop_reason     TEXT                            -- why it ended; NULL: not told
                    CHECK (stop_reason IN ('done', 'pain', 'tired', 'other')),
    effort          INTEGER CHECK (effort BETWEEN 0 AND 10), -- how hard it felt
    side            TEXT    CHECK (side IN ('left', 'right')), -- as told
    steps           INTEGER,                        -- of a walk, counted
    steady_share    REAL,                           -- 0 to 1, how much of it was kept still; clamshell and bird dog
    planned_sets    INTEGER,                        -- what was meant to be done that day
    planned_reps    INTEGER,                        -- in each set
    planned_lasting_s REAL                          -- of each set
) STRICT;
CREATE INDEX exercise_logs_by_day ON exercise_logs (local_date);

-- Event marks. By hand.
CREATE TABLE marks (
    id          INTEGER PRIMARY KEY,                -- row number
    at_utc_ns   INTEGER NOT NULL,                   -- when it was entered
    recording   INTEGER REFERENCES recordings (key) ON DELETE SET NULL, -- the one that was open
    text        TEXT    NOT NULL                    -- the words
) STRICT;

-- What the wearer says about a bend, a lift or a signal. By hand. Found again by its moment, so that an answer
-- outlives judging the recording anew.
CREATE TABLE answers (
    id              INTEGER PRIMARY KEY,            -- row number
    at_utc_ns       INTEGER NOT NULL,               -- when it was entered
    about           TEXT    NOT NULL                -- what it is about
                    CHECK (about IN ('bend', 'possible_lift', 'signal')),
    moment_utc_ns   INTEGER NOT NULL,               -- when the event began, or the signal was decided
    answer          TEXT    NOT NULL                -- yes, no: it was one, or not; helpful, not_helpful: of a signal
                    CHECK (answer IN ('yes', 'no', 'helpful', 'not_helpful'))
) STRICT;

-- Choices. By hand.
CREATE TABLE settings (
    key             TEXT    PRIMARY KEY,            -- name of the choice
    value           TEXT    NOT NULL,               -- what was chosen
    changed_utc_ns  INTEGER NOT NULL                -- when it was chosen
) STRICT;

-- Known sensors. By hand.
CREATE TABLE sensors (
    uid             TEXT    PRIMARY KEY,            -- address or platform id; never logged
    family          TEXT    NOT NULL,               -- as in `lumbard devices`
    name            TEXT    NOT NULL,               -- what the wearer calls it
    placement       TEXT    NOT NULL,               -- L1, L3, L5_S1, unknown
    calibration     INTEGER REFERENCES calibrations (id), -- in use; NULL while none was made
    added_utc_ns    INTEGER NOT NULL,               -- when it was added
    role            TEXT    NOT NULL DEFAULT 'worn' -- worn: on the back, gives samples; buzzer: only buzzed
                    CHECK (role IN ('worn', 'buzzer'))
) STRICT;

-- Every change of a table kept by hand, newest last: what `undo` goes back along.
CREATE TABLE hand_changes (
    id          INTEGER PRIMARY KEY,                -- row number
    at_utc_ns   INTEGER NOT NULL,                   -- when it was entered
    in_table    TEXT    NOT NULL,                   -- name of the table that was changed
    row_key     TEXT    NOT NULL,                   -- the row's primary key as text
    old_row     TEXT,                               -- JSON of the row before; NULL: it was new
    undone      INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)) -- 1: this change was taken back
) STRICT;
