-- Raw samples of one UTC day. The file stands by itself: it can be copied, exported or erased alone.

-- The recordings that have samples on this day: what their numbers mean.
CREATE TABLE recordings (
    key                 INTEGER PRIMARY KEY,        -- row number inside this file
    uid                 TEXT    NOT NULL UNIQUE,    -- recordings.uid of lumbard.db
    name                TEXT    NOT NULL,           -- short name for lists
    start_utc_ns        INTEGER NOT NULL,           -- when its first sample was taken, maybe on an earlier day
    zone                TEXT    NOT NULL,           -- IANA name
    acc_encoding        TEXT    NOT NULL,           -- counts, nanos, float32, float64
    acc_full_scale      REAL,                       -- counts: value at acc_full_count, in acc_unit
    acc_full_count      REAL,                       -- count that means acc_full_scale; NULL unless counts
    acc_unit            TEXT    NOT NULL,           -- g, m/s^2
    gyr_encoding        TEXT,                       -- NULL without gyroscope
    gyr_full_scale      REAL,                       -- as acc_full_scale, in gyr_unit
    gyr_full_count      REAL,                       -- as acc_full_count
    gyr_unit            TEXT,                       -- deg/s, rad/s
    nominal_rate_hz     REAL    NOT NULL,           -- samples a second that the source claims
    tick_s              REAL                        -- NULL without clock
) STRICT;

-- Packed samples. A chunk spans 10 s of UTC while the day is open, 10 min once it is closed.
CREATE TABLE chunks (
    recording   INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    first       INTEGER NOT NULL,                   -- number of its first sample in the recording, from 0
    count       INTEGER NOT NULL,                   -- samples inside
    from_ns     INTEGER NOT NULL,                   -- first sample, since the recording's start
    to_ns       INTEGER NOT NULL,                   -- last sample
    samples     BLOB    NOT NULL,                   -- store::chunk, with a checksum
    PRIMARY KEY (recording, first)
) STRICT;

-- The newest samples, a row for each commit, until they are packed. Same columns.
CREATE TABLE tail (
    recording   INTEGER NOT NULL REFERENCES recordings (key) ON DELETE CASCADE, -- recordings.key
    first       INTEGER NOT NULL,                   -- number of its first sample in the recording
    count       INTEGER NOT NULL,                   -- samples inside
    from_ns     INTEGER NOT NULL,                   -- time of its first sample
    to_ns       INTEGER NOT NULL,                   -- time of its last sample
    samples     BLOB    NOT NULL,                   -- the samples, packed
    PRIMARY KEY (recording, first)
) STRICT;
